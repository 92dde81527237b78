// A process of its own for the kill test: appends taps to the journal in argv[2] and tells each record that is on the disk.
import { openJournal } from '../../services/audit/journal.ts';
import { intent, outcome, person } from './bodies.ts';

const began = process.hrtime.bigint();
const now = () => ({ wallMs: Date.now(), bootId: 'boot', monotonicUs: Number((process.hrtime.bigint() - began) / 1000n) });
const journal = await openJournal({ directory: process.argv[2] ?? '', now, chain: 'lab' });
if ('fault' in journal) throw new Error(journal.sentence);

for (let round = 0; ; round += 1) {
  const tap = `${process.pid}-${round}`;
  for (const body of [intent(tap), person(tap), outcome(tap)]) {
    void journal.append(body).then((result) => process.stdout.write('seq' in result ? `${result.seq}\n` : 'lost\n'));
  }
  if (round % 3 === 0) await journal.append(person(tap));
}
