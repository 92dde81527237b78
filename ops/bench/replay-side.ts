// One process of the replay bench: replays a recording by our code, or merely reads its messages by @mcap/core.
import { open } from 'node:fs/promises';
import { McapIndexedReader } from '@mcap/core';
import { replayer } from '../../insight/replay.ts';
import { recordingIn } from '../recordings.ts';

export type ReplaySide = 'read' | 'replay';
export interface Measured {
  readonly ms: number;
  readonly peakMB: number;
}

/** How many messages or decisions there were: something must come of the work. */
const SIDES: { readonly [K in ReplaySide]: (file: string) => Promise<number> } = { read, replay };

async function read(file: string): Promise<number> {
  const handle = await open(file);
  const { size } = await handle.stat();
  const readable = {
    size: async () => BigInt(size),
    read: async (offset: bigint, length: bigint) => {
      const bytes = new Uint8Array(Number(length));
      await handle.read(bytes, 0, bytes.length, Number(offset));
      return bytes;
    },
  };
  const reader = await McapIndexedReader.Initialize({ readable });
  let messages = 0;
  for await (const { data } of reader.readMessages()) messages += data.byteLength > 0 ? 1 : 0;
  await handle.close();
  return messages;
}

async function replay(file: string): Promise<number> {
  const recording = await recordingIn(file);
  const { take, end } = replayer(recording.header);
  let decisions = 0;
  for await (const entries of recording.batches()) for (const entry of entries) decisions += take(entry).length;
  decisions += end().length;
  await recording.close();
  return decisions;
}

const [, , side, file = ''] = process.argv;
const begun = process.hrtime.bigint();
const count = await SIDES[side as ReplaySide](file);
const ms = Number(process.hrtime.bigint() - begun) / 1e6;
if (count === 0) throw new Error('Nothing was in the recording.');
process.send?.({ ms, peakMB: process.resourceUsage().maxRSS / 1024 } satisfies Measured);
