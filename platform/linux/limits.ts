// What is known to be too much for a field or for the keyboard, so that it is refused before the first key.
import type { Secret } from '../../contracts/secret.ts';
import type { FieldRef, Target, Trouble } from '../port.ts';
import { Toolkit, elementOf } from './atspi.ts';
import type { Accessibility, Element } from './atspi.ts';
import { utf16Length } from './counts.ts';
import { codePointsOf, hasControl } from './keyboard.ts';
import { untypable } from './parts.ts';
import { awaitFree } from './quiet.ts';
import { troubled } from './sight.ts';
import type { X11 } from './x11.ts';

/** Trouble if keyboard or field are known not to take a value now; silent where only the write itself will tell. */
export async function unfit(
  desktop: { readonly x11: X11; readonly a11y: Accessibility }, target: Target, field: FieldRef, value: Secret,
): Promise<Trouble | null> {
  const element = elementOf(field);
  const codePoints = value.reveal(codePointsOf);
  try {
    if (codePoints === null || hasControl(codePoints)) return troubled('untypable', 'the value has a control character');
    const typed = field === target.password.ref ? untypable(desktop.x11, codePoints) : null;
    return typed ?? (await awaitFree(desktop.x11)) ?? (element === null ? null : await tooLong(desktop.a11y, element, codePoints));
  } finally {
    codePoints?.fill(0);
  }
}

/** Trouble if the field tells that it takes less: Chromium gives the `maxlength` of its page, which counts UTF-16 units. */
export async function tooLong(a11y: Accessibility, element: Element, codePoints: Uint32Array): Promise<Trouble | null> {
  if ((await a11y.toolkitOf(element.sender).catch(() => '')) !== Toolkit.chromium) return null;
  const attributes = await a11y.attributes(element).catch(() => null);
  const unitsMax = Number(attributes?.['maxlength'] ?? Number.POSITIVE_INFINITY);
  return utf16Length(codePoints) > unitsMax ? troubled('value-too-long', 'the field takes fewer characters') : null;
}
