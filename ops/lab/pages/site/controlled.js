// Inputs as React controls them: the model is the truth, each event changes the model, and each render sets every value
// back from it. A value that appears in an input without an event that the page heard is gone with the next render.
(() => {
  const EMPTY = { user: '', password: '', search: '' };
  let model = EMPTY;
  /** What the page last set or heard of, as React's value tracker knows it. */
  const tracked = new WeakMap();
  const native = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value');
  const inputs = [...document.querySelectorAll('input')];

  // As React does, the page's own assignments are remembered, so that an event without a change is not one.
  for (const input of inputs) {
    tracked.set(input, input.value);
    Object.defineProperty(input, 'value', {
      configurable: true,
      get() {
        return native.get.call(this);
      },
      set(value) {
        tracked.set(this, String(value));
        native.set.call(this, value);
      },
    });
  }

  function changed(input) {
    const value = native.get.call(input);
    if (value === tracked.get(input)) return false;
    tracked.set(input, value);
    return true;
  }

  function update(change) {
    model = { ...model, ...change };
    window.labModel = model;
    render();
  }

  function render() {
    for (const input of inputs) {
      const wanted = model[input.name] ?? '';
      if (native.get.call(input) !== wanted) input.value = wanted;
    }
    document.querySelector('button[type=submit]').disabled = model.user === '' || model.password === '';
  }

  document.addEventListener('input', (event) => {
    const input = event.target;
    if (!changed(input)) return render();
    update({ [input.name]: native.get.call(input) });
  });
  // Other parts of such a page render all the time; a stray value does not live for long.
  setInterval(render, 200);
  update(EMPTY);
})();
