// Whose name stands in a user-name field.
import test from 'ava';
import fc from 'fast-check';
import { samePerson } from '../../services/injector/person.ts';

const ADA = { user: 'ada', domain: 'plant.example' };

const NAMES: readonly (readonly [string, boolean])[] = [
  ['ada', true], ['ADA', true], ['  ada ', true],
  ['PLANT\\ada', true], ['plant.example\\Ada', true], ['ada@plant.example', true], ['ada@PLANT', true], ['ａｄａ', true],
  ['', false], ['ad', false], ['adam', false], ['ben', false],
  ['OTHER\\ada', false], ['ada@other.example', false], ['\\ada', false], ['ada@', false], ['@ada', false], ['PLANT\\', false],
  ['PLANT\\ben', false], ['ada ada', false], ['.\\ada', false],
];
for (const [name, same] of NAMES) test(`"${name}" is ${same ? '' : 'not '}ada of plant.example`, (t) => t.is(samePerson(name, ADA), same));

test('every spelling of a person is that person, and of no other', (t) => {
  const name = fc.stringMatching(/^[a-z][a-z0-9.]{0,12}$/);
  const spelling = fc.constantFrom(
    (user: string) => user, (user: string) => user.toUpperCase(), (user: string, domain: string) => `${domain}\\${user}`, (user: string, domain: string) => `${user}@${domain}`,
  );
  fc.assert(fc.property(name, name, name, spelling, (user, other, domain, spell) => {
    t.true(samePerson(spell(user, domain), { user, domain }));
    t.is(samePerson(spell(other, domain), { user, domain }), other === user);
  }));
});

test('a person without a domain is known by the bare name alone', (t) => {
  t.true(samePerson('ada', { user: 'ada', domain: '' }));
  t.false(samePerson('PLANT\\ada', { user: 'ada', domain: '' }));
});
