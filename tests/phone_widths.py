"""Measures whether any page of the site is wider than the screen of a phone.

    python tests/phone_widths.py docs/_build/html

Every page is laid out in a frame of 390 pixels in headless Chromium, which has to be
installed. What sticks out and cannot be scrolled by itself is named, and the exit code
is then 1. Needs no network and nothing of the package.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote

WIDTH = 390  # pixels; an element may have scroll bars of its own
PAGE = """<!doctype html><meta charset="utf-8"><body><script>
const pages = PAGES, results = {};
const scrolls = e => ["auto", "scroll"].includes(getComputedStyle(e).overflowX);
function sticksOut(e) {
  if (e.getBoundingClientRect().right <= WIDTH + 1) return false;
  for (let p = e; p.tagName !== "ARTICLE"; p = p.parentElement)
    if (scrolls(p)) return false;
  return true;
}
async function measure(page) {
  const frame = document.createElement("iframe");
  frame.style = "width: WIDTHpx; height: 800px; border: 0";
  document.body.append(frame);
  await new Promise(done => { frame.onload = done; frame.src = page; });
  const root = frame.contentDocument.documentElement;
  const out = [...root.querySelectorAll("article *")].filter(sticksOut);
  results[page] = [root.scrollWidth, out.slice(0, 5).map(
    e => `${e.tagName.toLowerCase()}.${e.className}: ${e.textContent.slice(0, 60)}`)];
  frame.remove();
}
(async () => {
  for (const page of pages) await measure(page);
  document.body.textContent = "RESULTS" + encodeURIComponent(JSON.stringify(results));
  document.title = "done";
})();
</script>"""


def widths(site):
    """Width of every page, and what sticks out of it: a dict by address."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        sys.exit("Chromium is not installed.")
    pages = sorted(path.resolve().as_uri() for path in site.rglob("*.html"))
    with tempfile.TemporaryDirectory() as folder:
        harness = Path(folder, "harness.html")
        text = PAGE.replace("PAGES", json.dumps(pages)).replace("WIDTH", str(WIDTH))
        harness.write_text(text, encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
        options += ["--allow-file-access-from-files", f"--user-data-dir={folder}/user"]
        options += ["--virtual-time-budget=600000", "--window-size=800,900"]
        command = [browser, *options, harness.as_uri()]
        printed = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"RESULTS([^<]+)", printed.stdout)
    if found is None:
        sys.exit(f"Chromium did not measure: {printed.stderr[-500:]}")
    return json.loads(unquote(found[1]))


def main():
    """Name the pages that are too wide; return how many there are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", type=Path, help="folder of the built pages")
    measured = widths(parser.parse_args().site)
    too_wide = {p: (w, e) for p, (w, e) in measured.items() if w > WIDTH or e}
    for page, (width, elements) in too_wide.items():
        print(f"{page}: {width} pixels")
        print(*(f"    {element!r}" for element in elements), sep="\n")
    print(f"{len(too_wide)} of {len(measured)} pages are wider than {WIDTH} pixels")
    return min(len(too_wide), 1)


if __name__ == "__main__":
    sys.exit(main())
