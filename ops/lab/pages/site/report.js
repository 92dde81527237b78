// Tells the page's server what arrives in which field, in order: one request at a time, all that happened since the last.
(() => {
  const page = location.pathname.slice(1) || 'login';
  const load = crypto.randomUUID();
  const waiting = [];
  let seq = 0;
  let sending = false;

  function report(kind, element, trusted) {
    const field = element?.name ?? '';
    const value = field === '' ? '' : shown(element);
    const model = window.labModel?.[field] ?? null;
    waiting.push({ load, seq: seq++, kind, field, value, trusted, model });
    void send();
  }

  /** Of a drop-down, the text that a person sees. */
  const shown = (element) => (element.tagName === 'SELECT' ? element.selectedOptions[0]?.text ?? '' : element.value ?? '');

  async function send() {
    if (sending) return;
    sending = true;
    while (waiting.length > 0) {
      const body = JSON.stringify(waiting.slice(0, 100));
      const sent = await fetch(`/report/${page}`, { method: 'POST', body }).catch(() => null);
      if (sent === null) break;
      waiting.splice(0, JSON.parse(body).length);
    }
    sending = false;
  }

  // On the window, after the page's own handlers: what is reported is what they left in the field.
  addEventListener('input', (event) => report('input', event.target, event.isTrusted));
  addEventListener('focusin', (event) => report('focus', event.target, event.isTrusted));
  addEventListener('submit', (event) => {
    event.preventDefault();
    report('submit', null, event.isTrusted);
    document.querySelector('[data-note]').textContent = 'Recorded. This is a practice system: nothing was signed.';
  });
  addEventListener('load', () => {
    document.getElementsByName(decodeURIComponent(location.hash.slice(1)) || document.body.dataset.focus)[0]?.focus();
    report('loaded', null, true);
  });
})();
