// @peculiar/x509 asks for the metadata half of the `reflect-metadata` proposal; these three calls are all that it uses.

type Metadata = Map<unknown, unknown>;
const metadataOf = new WeakMap<object, Metadata>();

const getOwnMetadata = (key: unknown, target: object): unknown => metadataOf.get(target)?.get(key);

function getMetadata(key: unknown, target: object): unknown {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const found = getOwnMetadata(key, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const metadata = metadataOf.get(target) ?? new Map<unknown, unknown>();
  metadataOf.set(target, metadata.set(key, value));
}

if (!('getMetadata' in Reflect)) Object.assign(Reflect, { getMetadata, getOwnMetadata, defineMetadata });
