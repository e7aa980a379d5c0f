import { readFileSync } from 'node:fs';
import { launchChromium } from './lib/chromium.mjs';
const text = readFileSync(process.argv[2], 'utf8').replaceAll('\r\n', '\n').split('\n').filter(l => !l.startsWith('Script ')).map(l => l.slice(l.lastIndexOf('\r') + 1)).join('\n').trim();
const esc = s => s.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const styles = { 2: 'color:#8b949e', 90: 'color:#8b949e', 42: 'background:#2ea043;color:#04120a', 30: 'color:#04120a', 7: 'background:#2ea043;color:#04120a', 32: 'color:#3fb950' };
let html = '', open = 0;
for (const part of text.split(/(\x1b\[[0-9;]*m)/)) {
  const m = /^\x1b\[([0-9;]*)m$/.exec(part);
  if (!m) { html += esc(part.replaceAll(/\x1b\[[0-9;?]*[A-Za-z]/g, '')); continue; }
  const codes = m[1].startsWith('38;5;') ? [90] : m[1].startsWith('48;5;') || /^30;|;4[0-9]/.test(m[1]) ? [42] : (m[1] || '0').split(';').map(Number);
  for (const c of codes) {
    if (c === 0 || c === 22 || c === 39 || c === 49 || c === 27) { html += '</span>'.repeat(open); open = 0; } else if (styles[c]) { html += `<span style="${styles[c]}">`; open++; }
  }
}
const browser = await launchChromium();
const page = await browser.newPage({ viewport: { width: 1080, height: 872 } });
await page.setContent(`<body style="margin:0;background:#0d1117"><pre style="margin:18px;color:#c9d1d9;font:15px/20.3px 'DejaVu Sans Mono',monospace;white-space:pre-wrap">${html}</pre></body>`);
await page.screenshot({ path: process.argv[3], fullPage: true });
await browser.close();
