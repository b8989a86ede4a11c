"""The plots of the benchmark page: time against work, speed-up with its target, memory."""

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from evidence.records import Record
from evidence.report.plots import FIRST, INK, SECOND, draw

POWER = FuncFormatter(lambda value, _: f"{value:.0e}".replace("e+0", "e").replace("e-0", "e-"))


def work(series: Record) -> str:
    """Seconds against evaluations, both engines, with what a straight line through PyTorch's would be."""
    axis = series["axis"]

    def paint(axes: Axes) -> None:
        for engine, title, colour, mark in (
            ("py", "PyTorch, all threads", FIRST, "o"),
            ("c", "C, one thread", SECOND, "s"),
        ):
            rows = [row for row in series[engine]["points"] if row["seconds"]["q1"] > 0]
            if not rows:
                continue
            at = [float(row["evaluations"]) for row in rows]
            median = [float(row["seconds"]["median"]) for row in rows]
            low = [float(row["seconds"]["median"] - row["seconds"]["q1"]) for row in rows]
            high = [float(row["seconds"]["q3"] - row["seconds"]["median"]) for row in rows]
            axes.errorbar(at, median, yerr=[low, high], color=colour, marker=mark, capsize=3, label=title)
        axes.set_xscale("log")
        axes.set_yscale("log")
        for each in (axes.xaxis, axes.yaxis):
            each.set_major_locator(LogLocator(numticks=9))
            each.set_major_formatter(POWER)
            each.set_minor_formatter(NullFormatter())
        axes.set_xlabel(f"evaluations (more {axis})")
        axes.set_ylabel("seconds")
        if axes.get_legend_handles_labels()[0]:
            axes.legend()

    return draw(f"work-{axis}", f"Time against work, more {axis}", paint)


def speedups(name: str, title: str, rows: list[Record], most: str = "") -> str:
    """Bars of `value`, whiskers from q1 to q3, a stroke at each target; rows without a value are left out."""
    shown = [row for row in rows if row["value"] is not None]

    def paint(axes: Axes) -> None:
        place = [len(shown) - n for n in range(len(shown))]
        values = [float(row["value"]) for row in shown]
        low = [max(float(row["value"] - row["q1"]), 0.0) for row in shown]
        high = [max(float(row["q3"] - row["value"]), 0.0) for row in shown]
        axes.barh(place, values, xerr=[low, high], color=FIRST, height=0.62, ecolor=INK, capsize=2)
        for at, row in zip(place, shown, strict=True):
            if row["target"] is not None:
                axes.plot([row["target"]] * 2, [at - 0.42, at + 0.42], color=SECOND, linewidth=2.4)
        axes.set_yticks(place, [str(row["title"]) for row in shown])
        axes.grid(visible=False, axis="y")
        axes.set_xlim(left=0)
        axes.set_xlabel(most or "times as fast as C (stroke: the target)", loc="right")

    return draw(name, title, paint, (5.6, 0.9 + 0.34 * max(len(shown), 1)))


def memory(rows: list[Record], limit: float) -> str:
    """Peak memory above the interpreter, in megabytes, and the bound."""
    bars = [
        {
            "title": row["title"],
            "value": row["above_bytes"] / 1e6,
            "q1": row["above_bytes"] / 1e6,
            "q3": row["above_bytes"] / 1e6,
            "target": limit / 1e6,
        }
        for row in rows
        if row["above_bytes"] is not None
    ]
    return speedups(
        "memory", "Peak memory above the interpreter", bars, "MB above the interpreter (stroke: the bound)"
    )
