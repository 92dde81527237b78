// The lab's login pages as their server gives them out, and what it keeps of their reports.
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { PAGES, startPages } from '../../ops/lab/pages/server.ts';
import type { PageName, Pages } from '../../ops/lab/pages/server.ts';

const EVENT = { load: 'a', seq: 0, kind: 'input', field: 'user', value: 'ada', trusted: true, model: null };

const fields: Readonly<Record<PageName, readonly string[]>> = {
  login: ['search', 'user', 'password'],
  controlled: ['search', 'user', 'password'],
  dual: ['search', 'user1', 'password1', 'user2', 'password2'],
  select: ['search', 'user', 'password'],
};
for (const page of Object.keys(PAGES) as PageName[]) {
  test(`the page ${page} has its fields in reading order and loads nothing from elsewhere`, async (t) => {
    const pages = await serve(t);
    const html = await (await fetch(pages.url(page))).text();
    t.deepEqual([...html.matchAll(/<(?:input|select)[^>]* name="(\w+)"/g)].map(([, name]) => name), fields[page]);
    const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link!);
    t.true(links.length > 1);
    for (const link of links.filter((one) => !one.startsWith('data:'))) {
      const response = await fetch(new URL(link, pages.url(page)));
      t.is(response.status, 200, link);
      await response.text();
    }
  });
}

test('the drop-down lists the users that it was given, as text', async (t) => {
  const pages = await serve(t, ['ada', '<b>"&']);
  const html = await (await fetch(pages.url('select'))).text();
  t.true(html.includes('<option>ada</option><option>&#60;b&#62;&#34;&#38;</option>'));
});

test('reports are kept in order, by page, and wake who waits for them', async (t) => {
  const pages = await serve(t);
  const submitted = pages.until(({ kind }) => kind === 'submit');
  t.is(await report(pages, 'dual', [EVENT, { ...EVENT, seq: 1, value: 'ada ' }, { ...EVENT, seq: 2, kind: 'submit', field: '', value: '' }]), 204);
  t.like(await submitted, { page: 'dual', seq: 2 });
  t.deepEqual(pages.received().map(({ seq }) => seq), [0, 1, 2]);
  t.deepEqual(pages.values('dual'), { user: 'ada ' });
  t.deepEqual(pages.values('login'), {});
  pages.forget();
  t.deepEqual(pages.received(), []);
});

test('what is no report is refused and kept nowhere', async (t) => {
  const pages = await serve(t);
  t.is(await report(pages, 'login', [{ ...EVENT, kind: 'boom' }]), 400);
  t.is(await report(pages, 'login', 'x'), 400);
  t.is((await fetch(new URL('/report/nowhere', pages.url('login')), { method: 'POST', body: '[]' })).status, 404);
  t.is((await fetch(new URL('/server.ts', pages.url('login')))).status, 404);
  t.is((await fetch(new URL('/__proto__', pages.url('login')))).status, 404);
  // The server may hang up before it has been told everything.
  t.is(await report(pages, 'login', 'x'.repeat(100_000)).catch(() => 413), 413);
  t.deepEqual(pages.received(), []);
});

async function serve(t: ExecutionContext, users?: readonly string[]): Promise<Pages> {
  const pages = await startPages(users === undefined ? {} : { users });
  t.teardown(() => pages.close());
  return pages;
}

async function report(pages: Pages, page: PageName, events: unknown): Promise<number> {
  const body = JSON.stringify(events);
  return (await fetch(new URL(`/report/${page}`, pages.url(page)), { method: 'POST', body })).status;
}
