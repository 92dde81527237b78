// Texts of new characters in a busy browser. Each change of the keys' meanings races with the browser's reading
// of them, and no one sees a wrong character of a password; so the page tells what arrived.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import test from 'ava';
import { aimAt, mustFocus, mustShow, mustWrite } from '../platform/aim.ts';
import { BrowserStage, startLab } from '../platform/linux-stage.ts';

const PAGES = 6;
const TEXTS_A_PAGE = 12;
const CHARACTERS = 16;
/** Each takes a core as much as the browser does. */
const SPINNERS = 6;
const ALPHABET = [...'ABCXYZabcxyz0189!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~äöüßéèñçøåÄÖÜÉ€£§łžőŠαβΩжЯъ'];

const spinners: ChildProcess[] = [];
let stage: BrowserStage;

test.before(async () => {
  stage = await BrowserStage.start(await startLab());
  for (let spinner = 0; spinner < SPINNERS; spinner++) spinners.push(spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
});
test.after.always(async () => {
  for (const spinner of spinners) spinner.kill();
  await stage?.end();
});

const draw = (): string => Array.from({ length: CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

test.serial('every text arrives as it is in a browser that hardly gets a turn', async (t) => {
  for (let page = 0; page < PAGES; page++) {
    await stage.reset();
    const aim = await aimAt(t, stage, 'login');
    const shown = { user: '', password: '' };
    for (let count = 0; count < TEXTS_A_PAGE; count++) {
      const field = count % 2 === 0 ? 'user' : 'password';
      shown[field] = draw();
      await mustFocus(t, stage, aim, aim[field]);
      await mustWrite(t, stage, aim, aim[field], shown[field]);
      await mustShow(t, stage, aim.window, shown);
    }
  }
});
