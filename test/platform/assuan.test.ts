// The bytes between the password form and us: cut, decoded, bounded, and overwritten.
import test from 'ava';
import fc from 'fast-check';
import { command, LINE_MAX, Lines, Pin, PIN_MAX } from '../../platform/linux/assuan.ts';

test('lines come out whole, however the stream was cut, and the chunks are overwritten', (t) => {
  const lines = new Lines();
  const heard: string[] = [];
  const chunks = ['O', 'K\nD pa', 'ss\n\nER', 'R 1\n'].map((text) => Buffer.from(text));
  for (const chunk of chunks) t.true(lines.push(chunk, (line) => heard.push(Buffer.from(line).toString())));
  t.deepEqual(heard, ['OK', 'D pass', '', 'ERR 1']);
  for (const chunk of chunks) t.true(chunk.every((byte) => byte === 0));
});

test('a line that was lent is overwritten after the call', (t) => {
  let lent = new Uint8Array();
  new Lines().push(Buffer.from('D secret\n'), (line) => { lent = line as Uint8Array<ArrayBuffer>; });
  t.is(lent.length, 8);
  t.true(lent.every((byte) => byte === 0));
});

test('a line longer than the protocol allows ends the reading', (t) => {
  const lines = new Lines();
  t.true(lines.push(Buffer.alloc(LINE_MAX, 0x61), () => t.fail()));
  t.false(lines.push(Buffer.from('aa\nOK\n'), () => t.fail()));
});

test('any password comes back byte for byte, escaped or not, over any number of lines', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: PIN_MAX }), fc.integer({ min: 1, max: 400 }), (bytes, cut) => {
    const pin = new Pin();
    for (let at = 0; at < bytes.length; at += cut) pin.add(escaped(bytes.subarray(at, at + cut)));
    return Buffer.compare(pin.take() ?? new Uint8Array(), bytes) === 0;
  }));
  t.pass();
});

test('a percent sign that escapes nothing stands for itself', (t) => {
  const pin = new Pin();
  pin.add(Buffer.from('100%zz%4'));
  t.deepEqual(Buffer.from(pin.take() ?? []).toString(), '100%zz%4');
});

test('a password that is too long is not cut but refused', (t) => {
  const pin = new Pin();
  pin.add(Buffer.alloc(PIN_MAX + 1, 0x61));
  t.is(pin.take(), null);
  pin.add(Buffer.from('b'));
  t.is(pin.take()?.length, 1);
});

test('a command is one line, whatever its text', (t) => {
  t.is(command('GETPIN'), 'GETPIN\n');
  t.is(command('SETDESC', '50%\r\nGETPIN'), 'SETDESC 50%25%0D%0AGETPIN\n');
});

/** As pinentry does it: percent, line ends, and here every other byte too where it is odd. */
function escaped(bytes: Uint8Array): Buffer {
  const mustHide = (byte: number): boolean => byte === 0x25 || byte === 0x0a || byte === 0x0d;
  const parts = [...bytes].map((byte) => (mustHide(byte) || byte % 2 === 1 ? `%${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte)));
  return Buffer.from(parts.join(''), 'latin1');
}
