"""Makes links to the glossary, where a page first uses a word that stands in it."""

import re
from pathlib import Path

GLOSSARY = Path(__file__).parents[1] / "glossary.md"
LEFT_ALONE = re.compile(r"glossary|changelog|accuracy_tables|gallery/index|.*_tr")
# Where a word is more than itself and a plural, or is used in another sense as well.
FORMS = {
    "average": r"averages? of (?:starts|several nets)|averaged",
    "bias": r"bias(?:es)?",
    "calibration": r"calibrat(?:ion|ed)",
    "condensed": r"condens(?:ed?|ation)",
    "dead unit": r"dead(?: relu)? units?",
    "diverge": r"diverge[sd]?|divergence",
    "early stopping": r"early[- ]stopping",
    "identical units": r"identical(?: hidden)? units|units stay identical",
    "mini-batch": r"mini-batch(?:es)?",
    "out-of-fold": r"out[- ]of[- ]fold",
    "penalty": r"penalt(?:y|ies)",
    "saturated unit": r"saturat(?:ed?|es|ion)",
    "scale": r"scales? of (?:the|a) start(?:ing weights)?",
    "start": r"(?<!at the )(?<=the )starts?|(?:random|small|large) starts?",
    "tied units": r"tie[sd]",
}


def terms():
    """A pattern of the forms of every term, and the sentence that explains it."""
    text = GLOSSARY.read_text(encoding="utf-8")
    found = re.findall(r"^## (.+)\n\n((?:.+\n)+)", text, re.M)
    return {
        term: (
            re.compile(rf"\b(?:{FORMS.get(term, re.escape(term) + 's?')})\b", re.I),
            _plain(explained),
        )
        for term, explained in found
    }


def _plain(markdown):
    """The first sentence, without line breaks and marks."""
    text = re.sub(r"\[(.+?)\]\(.+?\)", r"\1", " ".join(markdown.split()))
    return re.sub(r"[`*]", "", re.match(r".*?[.:](?= |$)", text)[0])


def link_terms(app, doctree, docname):
    """Replace the first use of each term on a page by a link with its explanation."""
    if LEFT_ALONE.fullmatch(docname):
        return
    address = app.builder.get_relative_uri(docname, "glossary")
    for term, (pattern, explained) in terms().items():
        for text in _prose(doctree):
            match = pattern.search(text)
            if match:
                to = f"{address}#{term.replace(' ', '-')}"
                _replace(text, match, to, f"{term}: {explained}")
                break


def _prose(doctree):
    """The text of paragraphs, as far as it is no code and no link."""
    from docutils import nodes

    for paragraph in doctree.findall(nodes.paragraph):
        for child in paragraph.findall(nodes.Text):
            styles = (nodes.paragraph, nodes.emphasis, nodes.strong)
            if isinstance(child.parent, styles):
                is_linked = isinstance(child.parent.parent, nodes.reference)
                if not is_linked:
                    yield child


def _replace(text, match, address, title):
    from docutils import nodes

    parts = str(text[: match.start()]), match[0], str(text[match.end() :])
    before, word, after = map(nodes.Text, parts)
    link = nodes.reference("", "", word, refuri=address, reftitle=title, internal=True)
    link["classes"].append("term")
    text.parent.replace(text, [node for node in (before, link, after) if node.astext()])


def setup(app):
    """Link when all other links are there."""
    app.connect("doctree-resolved", link_terms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
