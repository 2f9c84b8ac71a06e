# SPDX-License-Identifier: BSD-3-Clause
#
# Bar charts of bench results as SVG, with nothing but the standard library.

from xml.sax.saxutils import escape

COLOURS = ('#9aa5b1', '#2364aa')
BAR, GAP, HEIGHT, TOP, BOTTOM, LEFT = 22, 16, 260, 64, 62, 56


def ceiling(value):
    """The least of 1, 2, 5 times a power of ten that is not below."""
    step = 10.0 ** -6
    while True:
        for m in (1, 2, 5):
            if m * step >= value:
                return m * step
        step *= 10


def bars(rows, group, label, bars, note, title, only=None):
    """Groups of bars: one cluster a row, clusters with equal group columns beside each other.

    rows: dictionaries; group: columns that name a group; label: column under a cluster;
    bars: columns of the bars in a cluster; note: column written above it.
    only: words that a row must have, by column.
    """
    rows = [r for r in rows if all(r[k] == v for k, v in (only or {}).items())]
    top = ceiling(max(float(r[b]) for r in rows for b in bars))
    out, x, names = [], LEFT + GAP, []
    last = None
    for r in rows:
        name = ' '.join(r[g] for g in group)
        if name != last:
            x += GAP if last is not None else 0
            names.append([name, x, x])
            last = name
        for i, b in enumerate(bars):
            h = HEIGHT * float(r[b]) / top
            out.append('<rect x="%d" y="%.1f" width="%d" height="%.1f" fill="%s"><title>%s</title>'
                       '</rect>' % (x + i * BAR, TOP + HEIGHT - h, BAR - 2, h, COLOURS[i],
                                    escape('%s, %s: %s %s' % (name, r[label], b, r[b]))))
        middle = x + BAR * len(bars) / 2
        high = max(float(r[b]) for b in bars)
        out.append('<text x="%.0f" y="%.1f" class="n">%s</text>' % (
            middle, TOP + HEIGHT - HEIGHT * high / top - 4, escape(r[note])))
        out.append('<text x="%.0f" y="%d" class="n">%s</text>' % (
            middle, TOP + HEIGHT + 15, escape(r[label])))
        x += BAR * len(bars) + GAP
        names[-1][2] = x - GAP
    width = x + GAP
    for name, x0, x1 in names:
        for i, word in enumerate(name.split(' ', 1)):
            out.append('<text x="%.0f" y="%d" class="n">%s</text>' % (
                (x0 + x1) / 2, TOP + HEIGHT + 34 + 15 * i, escape(word)))
    for i in range(5):
        y = TOP + HEIGHT * (4 - i) / 4
        out.insert(0, '<text x="%d" y="%.0f" class="a">%g</text>' % (LEFT - 6, y + 4, top * i / 4))
        out.insert(0, '<line x1="%d" x2="%d" y1="%.0f" y2="%.0f" stroke="#ddd"/>' % (
            LEFT, width, y, y))
    for i, b in enumerate(bars):
        out.append('<rect x="%d" y="32" width="12" height="12" fill="%s"/>'
                   '<text x="%d" y="42">%s</text>' % (LEFT + i * 140, COLOURS[i],
                                                      LEFT + 18 + i * 140, escape(b)))
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
            'font-family="sans-serif" font-size="12">\n'
            '<style>.n{text-anchor:middle}.a{text-anchor:end}</style>\n'
            '<rect width="100%%" height="100%%" fill="white"/>\n'
            '<text x="%d" y="20" font-size="14">%s</text>\n%s\n</svg>\n' % (
                width, TOP + HEIGHT + BOTTOM, LEFT, escape(title), '\n'.join(out)))
