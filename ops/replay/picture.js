// The page of a replay: lanes in time that can be zoomed, moved and asked. Works on the data beside it, and on nothing else.
const data = JSON.parse(document.getElementById('data').textContent);
const byId = (id) => document.getElementById(id);
const [lanes, overview] = [byId('lanes'), byId('overview')];

const LANES = ['gestures', 'tap', 'tap-listener', 'window-resolver', 'credential-broker', 'injector'];
const LEFT = 132;
const TOP = 26;
const SHORTEST_MS = 20;
const gestures = [
  ...data.taps.map((tap) => ({ ...tap, counted: true })),
  ...data.drops.map((drop) => ({ ...drop, counted: false })),
].sort((one, other) => one.atMs - other.atMs);
const endMs = Math.max(1000, data.endMs);
let view = { fromMs: -endMs * 0.01, toMs: endMs * 1.01 };
let chosen = null;

const classOf = ({ counted, outcome }) => {
  if (!counted) return 'refused';
  if (outcome === null) return 'open';
  return outcome.startsWith('filled') ? 'good' : outcome === 'refused' ? 'refused' : 'bad';
};

function draw(parent, name, attributes, text) {
  const element = document.createElementNS(lanes.namespaceURI, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

function moment(ms, step = 1) {
  const two = (value) => String(Math.floor(value)).padStart(2, '0');
  const clock = `${two(ms / 3600000)}:${two((ms / 60000) % 60)}:${two((ms / 1000) % 60)}`;
  return step >= 1000 ? clock : `${clock}.${String(Math.floor(ms % 1000)).padStart(3, '0')}`;
}
const lasting = (ms) => `${ms >= 100 ? Math.round(ms).toLocaleString('en-US') : Math.round(ms * 10) / 10} ms`;

function paint() {
  lanes.replaceChildren();
  const { width, height } = lanes.getBoundingClientRect();
  const laneHeight = Math.min(132, (height - TOP - 8) / LANES.length);
  const at = (ms) => LEFT + ((ms - view.fromMs) / (view.toMs - view.fromMs)) * (width - LEFT - 12);
  LANES.forEach((name, row) => {
    const y = TOP + row * laneHeight;
    draw(lanes, 'rect', { x: 0, y: y + 2, width, height: laneHeight - 4, class: 'lane' });
    draw(lanes, 'text', { x: 12, y: y + laneHeight / 2 + 4 }, name);
  });
  paintGrid({ at, width, bottom: TOP + LANES.length * laneHeight });
  const field = draw(lanes, 'svg', { x: LEFT, y: 0, width: Math.max(0, width - LEFT), height });
  const place = { field, at: (ms) => at(ms) - LEFT, laneHeight, y: (lane) => TOP + LANES.indexOf(lane) * laneHeight };
  for (const gesture of gestures) {
    if (gesture.atMs > view.toMs || gesture.atMs + (gesture.byMs ?? 0) < view.fromMs) continue;
    if (gesture.counted) paintTap(gesture, place);
    paintGesture(gesture, place);
  }
  for (const ms of data.storms) paintStorm(ms, place);
  byId('shown').textContent = `${moment(Math.max(0, view.fromMs))} to ${moment(view.toMs)}`;
  paintOverview();
}

function paintGrid({ at, width, bottom }) {
  const wanted = (view.toMs - view.fromMs) / Math.max(2, (width - LEFT) / 130);
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 30000, 60000, 120000, 300000, 600000, 1800000, 3600000];
  const step = steps.find((each) => each >= wanted) ?? 7200000;
  for (let ms = Math.max(0, Math.ceil(view.fromMs / step) * step); ms <= view.toMs; ms += step) {
    draw(lanes, 'line', { x1: at(ms), x2: at(ms), y1: TOP - 4, y2: bottom, class: 'grid' });
    if (at(ms) < width - 80) draw(lanes, 'text', { x: at(ms) + 4, y: 16, class: 'quiet' }, moment(ms, step));
  }
}

function paintGesture(gesture, { field, at, laneHeight, y }) {
  const [x, middle] = [at(gesture.atMs), y('gestures') + laneHeight * (gesture.counted ? 0.38 : 0.62)];
  const marks = `hit ${classOf(gesture)}${gesture.assumed ? ' assumed' : ''}${gesture === chosen ? ' chosen' : ''}`;
  const mark = gesture.counted
    ? draw(field, 'circle', { cx: x, cy: middle, r: 6, class: marks })
    : draw(field, 'path', { d: `M${x - 6} ${middle - 4}l2 -2 4 4 4 -4 2 2 -4 4 4 4 -2 2 -4 -4 -4 4 -2 -2 4 -4z`, class: marks });
  draw(mark, 'title', {}, gesture.counted ? `${gesture.band}, ${gesture.via}` : `${gesture.why}: ${gesture.band ?? 'unreadable'}`);
  mark.addEventListener('click', () => choose(gesture));
  const isAlone = (view.toMs - view.fromMs) < 20000 || gesture === chosen;
  if (!gesture.counted && isAlone) draw(field, 'text', { x, y: middle + 22, 'text-anchor': 'middle', class: 'quiet' }, gesture.why);
}

function paintStorm(ms, { field, at, laneHeight, y }) {
  const x = at(ms);
  const mark = draw(field, 'line', { x1: x, x2: x, y1: y('gestures') + 4, y2: y('gestures') + laneHeight - 4, class: 'deadline' });
  draw(mark, 'title', {}, `${moment(ms)}: storm warned`);
  if (view.toMs - view.fromMs < 60000) draw(field, 'text', { x: x + 6, y: y('gestures') + 16, class: 'quiet' }, 'storm warned');
}

function paintTap(tap, place) {
  const { field, at, laneHeight, y } = place;
  const height = Math.min(26, laneHeight - 22);
  const bar = (lane, fromMs, toMs, marks, label) => {
    const [x, width] = [at(tap.atMs + fromMs), Math.max(2.5, at(tap.atMs + toMs) - at(tap.atMs + fromMs))];
    const drawn = draw(field, 'rect', { x, y: y(lane) + (laneHeight - height) / 2, width, height, rx: 3, class: `hit ${marks}` });
    draw(drawn, 'title', {}, label);
    drawn.addEventListener('click', () => choose(tap));
    const room = Math.max(0, Math.min(width, width + x));
    if (room > label.length * 6.4) draw(field, 'text', { x: Math.max(x, 0) + 6, y: y(lane) + laneHeight / 2 + 4, class: marks === 'wait' ? 'inside calm' : 'inside' }, label);
  };
  const limit = (lane, byMs) => {
    const [x, width] = [at(tap.atMs), at(tap.atMs + byMs) - at(tap.atMs)];
    if (width < 6) return;
    draw(field, 'rect', { x, y: y(lane) + 6, width, height: laneHeight - 12, rx: 3, class: 'limit' });
    draw(field, 'line', { x1: x + width, x2: x + width, y1: y(lane) + 6, y2: y(lane) + laneHeight - 6, class: 'deadline' });
    if (width > 90) draw(field, 'text', { x: x + width - 4, y: y(lane) + 15, 'text-anchor': 'end', class: 'quiet' }, lasting(byMs));
  };
  limit('tap', tap.byMs);
  const ends = `${classOf(tap)}${tap.assumed ? ' assumed' : ''}${tap === chosen ? ' chosen' : ''}`;
  const total = tap.totalMs ?? tap.byMs;
  bar('tap', 0, total, ends, `${tap.outcome ?? 'not ended'}${tap.why === null || tap.why === 'ok' ? '' : `, ${tap.why}`}, ${lasting(total)}`);
  if (tap.commitMs !== null) bar('tap-listener', 0, tap.commitMs, 'wait', `committed, ${lasting(tap.commitMs)}`);
  for (const { name, actor, fromMs, toMs, byMs, open } of tap.bars) {
    if (byMs !== null && name !== 'inject') limit(actor, byMs);
    bar(actor, fromMs, toMs, byMs !== null && toMs > byMs ? 'over' : name === 'wait' ? 'wait' : 'work', `${name} ${lasting(toMs - fromMs)}${open ? ', not over' : ''}`);
  }
}

function paintOverview() {
  overview.replaceChildren();
  const { width, height } = overview.getBoundingClientRect();
  const at = (ms) => (ms / endMs) * (width - 16) + 8;
  for (const gesture of gestures) {
    const y = gesture.counted ? 8 : 22;
    draw(overview, 'rect', { x: at(gesture.atMs) - 0.75, y, width: 1.5, height: height - y - 8, class: classOf(gesture) });
  }
  const [from, to] = [at(Math.max(0, view.fromMs)), at(Math.min(endMs, view.toMs))];
  draw(overview, 'rect', { x: from, y: 2, width: Math.max(4, to - from), height: height - 4, rx: 3, class: 'view' });
}

function see(fromMs, toMs) {
  const span = Math.min(Math.max(toMs - fromMs, SHORTEST_MS), endMs * 1.05);
  const middle = Math.min(Math.max((fromMs + toMs) / 2, 0), endMs);
  view = { fromMs: middle - span / 2, toMs: middle + span / 2 };
  paint();
}

function zoom(times, aroundMs = (view.fromMs + view.toMs) / 2) {
  see(aroundMs - (aroundMs - view.fromMs) * times, aroundMs + (view.toMs - aroundMs) * times);
}

function choose(gesture) {
  chosen = gesture;
  const lastingMs = gesture.counted ? Math.max((gesture.totalMs ?? gesture.byMs) * 1.15, 150) : 1500;
  see(gesture.atMs - lastingMs * (gesture.counted ? 0.08 : 1), gesture.atMs + lastingMs);
  const details = byId('details');
  const write = (name, text, marks = '') => {
    const element = document.createElement(name);
    element.className = marks;
    element.textContent = text;
    details.append(element);
  };
  details.replaceChildren();
  write('h2', gesture.counted ? `${gesture.outcome ?? 'not ended'}${gesture.why === null || gesture.why === 'ok' ? '' : `: ${gesture.why}`}` : `dropped: ${gesture.why}`);
  write('p', `${moment(gesture.atMs)} · ${gesture.via ?? 'reader'} · ${gesture.band ?? 'no band'}`, 'quiet');
  if (gesture.tap !== undefined) write('p', gesture.tap, 'id');
  for (const [title, sentences] of [['Seen', gesture.told.seen], ['Decided', gesture.told.decided], ['Time', gesture.told.time]]) {
    if (sentences.length === 0) continue;
    write('h3', title);
    for (const sentence of sentences) write('p', sentence);
  }
}

function step(by) {
  const at = gestures.indexOf(chosen);
  const next = gestures[at === -1 ? 0 : Math.min(Math.max(at + by, 0), gestures.length - 1)];
  if (next !== undefined) choose(next);
}

function introduce() {
  const counts = new Map();
  for (const gesture of gestures) {
    const label = gesture.counted ? (gesture.outcome ?? 'not ended') : `dropped: ${gesture.why}`;
    counts.set(label, { count: (counts.get(label)?.count ?? 0) + 1, marks: classOf(gesture) });
  }
  for (const [label, { count, marks }] of counts) {
    const chip = document.createElement('span');
    const dot = document.createElement('i');
    dot.className = marks;
    chip.append(dot, `${label} ${count}`);
    byId('counts').append(chip);
  }
  const began = new Date(data.startedWallMs).toISOString().replace('T', ' ').slice(0, 19);
  byId('about').textContent = `recorded by Tapline ${data.product}, ${began} UTC, ${moment(data.endMs)} long${data.left > 0 ? `; ${data.left} more gestures are not drawn` : ''}`;
  byId('changed').textContent = data.changed.length > 0 ? `by other numbers: ${data.changed.join(', ')}` : '';
  byId('details').innerHTML = '<h2>No gesture chosen</h2><p class="quiet">Click a bar or a mark, or go through the gestures with the arrow keys. The wheel zooms, dragging moves.</p>';
}

const timeAt = (event) => view.fromMs + ((event.offsetX - LEFT) / (lanes.getBoundingClientRect().width - LEFT - 12)) * (view.toMs - view.fromMs);
lanes.addEventListener('wheel', (event) => {
  event.preventDefault();
  zoom(event.deltaY > 0 ? 1.25 : 0.8, timeAt(event));
}, { passive: false });
let grip = null;
lanes.addEventListener('pointerdown', (event) => (grip = { x: event.clientX, view }));
addEventListener('pointermove', (event) => {
  if (grip === null || Math.abs(event.clientX - grip.x) < 4) return;
  lanes.classList.add('moving');
  const byMs = ((grip.x - event.clientX) / (lanes.getBoundingClientRect().width - LEFT - 12)) * (grip.view.toMs - grip.view.fromMs);
  see(grip.view.fromMs + byMs, grip.view.toMs + byMs);
});
addEventListener('pointerup', () => {
  grip = null;
  lanes.classList.remove('moving');
});
overview.addEventListener('click', (event) => {
  const middle = ((event.offsetX - 8) / (overview.getBoundingClientRect().width - 16)) * endMs;
  const half = Math.min((view.toMs - view.fromMs) / 2, endMs / 10);
  see(middle - half, middle + half);
});
const ACTIONS = { before: () => step(-1), after: () => step(1), in: () => zoom(0.5), out: () => zoom(2), all: () => see(-endMs * 0.01, endMs * 1.01) };
for (const [id, act] of Object.entries(ACTIONS)) byId(id).addEventListener('click', act);
const KEYS = { 'ArrowLeft': 'before', 'ArrowRight': 'after', '+': 'in', '-': 'out', '0': 'all' };
addEventListener('keydown', ({ key }) => ACTIONS[KEYS[key]]?.());
addEventListener('resize', paint);
introduce();
paint();
