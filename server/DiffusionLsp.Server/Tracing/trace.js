// Shows the canvas as it stood after a step. Every text is in the page already; this only shows and hides.
(() => {
  const slider = document.getElementById('step');
  const last = Number(slider.max);
  const positions = [...document.querySelectorAll('.p')].map(element => ({
    element,
    cut: Number(element.dataset.cut),
    mask: element.querySelector('.mask'),
    seen: [...element.querySelectorAll('b')].map(b => ({ b, step: Number(b.dataset.s), kept: b.classList.contains('kept') })),
  }));
  const rows = [...document.querySelectorAll('tbody tr')];

  function show(step) {
    for (const { element, cut, mask, seen } of positions) {
      const kept = seen.find(s => s.kept && s.step <= step);
      const gone = cut <= step;
      // What was kept stays; else the guess of this very step; else a mask.
      const shown = gone ? null : kept ?? seen.find(s => s.step === step);
      for (const s of seen) s.b.classList.toggle('off', s !== shown);
      mask.classList.toggle('off', Boolean(shown) || (gone && step === last));
      element.classList.toggle('gone', gone);
    }
    rows.forEach((row, i) => {
      row.classList.toggle('now', i + 1 === step);
      row.classList.toggle('future', i + 1 > step);
    });
    document.getElementById('at').textContent = step === 0 ? `before step 1 of ${last}` : `after step ${step} of ${last}`;
  }

  function go(step) {
    slider.value = Math.max(0, Math.min(last, step));
    show(Number(slider.value));
  }

  slider.addEventListener('input', () => show(Number(slider.value)));
  document.getElementById('back').addEventListener('click', () => go(Number(slider.value) - 1));
  document.getElementById('on').addEventListener('click', () => go(Number(slider.value) + 1));
  document.addEventListener('keydown', event => {
    if (event.target === slider) return; // it moves by itself
    if (event.key === 'ArrowLeft') go(Number(slider.value) - 1);
    if (event.key === 'ArrowRight') go(Number(slider.value) + 1);
  });
  rows.forEach((row, i) => row.addEventListener('click', () => go(i + 1)));
  const wanted = /^#step=(\d+)$/.exec(location.hash);
  go(wanted ? Number(wanted[1]) : last);
})();
