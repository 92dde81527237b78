// A library of the system that is missing is told of by name, in a sentence for a person and in a code for the log.
import test from 'ava';
import { library } from '../../platform/linux/library.ts';
import { MissingLibraryError } from '../../platform/port.ts';

test('a library that is not there', (t) => {
  const error = t.throws(() => library('libNotThere.so.1'), { instanceOf: MissingLibraryError });
  t.is(error?.message, 'libNotThere.so.1 cannot be loaded: install it');
  t.is(error?.code, 'NO_LIBRARY libNotThere.so.1');
});

test('where the package of a library is known, it is named', (t) => {
  t.is(new MissingLibraryError('libXtst.so.6', 'libxtst6').message, 'libXtst.so.6 cannot be loaded: install it (Debian package libxtst6)');
});

test('a library that is there', (t) => {
  t.notThrows(() => library('libc.so.6'));
});
