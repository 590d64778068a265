"""How tightly the estimators reserve, and what that does to caps, on an adversarial corpus that is made here.

    python bench/estimators.py [--seed N] [--runs N] [--json FILE]
    python bench/estimators.py --seeds N [--runs N]
    python bench/estimators.py --replay adaptive_adversarial_results.csv

THE CORPUS. A *run* is one agent's work against one cap: six phases of 10 to 40 calls each, drawn with a seed. An
estimator lives through all runs, as it does in a program. Each phase is one adversary:

    prose     short questions; answers of any length, some cut off by the output cap
    code      files of 1 to 6 kB
    schema    JSON tool schemas of 20 to 79 keys, nearly twice as dense as prose, with answers of one line
    script    Devanagari, Arabic, Hebrew or Chinese; most answers run into the output cap
    base64    0.7 to 1.8 kB of it, nearly one token per byte, with answers of about 5 or about 45 tokens
    growing   a conversation that is sent anew each turn, from 0.3 kB to 20 kB and more, in uneven steps
    burst     log lines, 30 to 250 of them answered in 10 to 20 tokens; after that, all are answered up to the output
              cap, and nothing in the prompt tells (drawn a quarter as often as the others, for it is so long)

and each phase is sent to one of three models, which count 0.85, 1 and 1.2 times the tokens.

There is no tokenizer here. The input of a call is its bytes times a density, drawn anew for each call, plus 8 tokens
of framing. The densities are those that the Token Budgets artifact measured for such text on Claude Sonnet 4.5; for
code, base64 of other lengths and log lines they are guesses (docs/estimators.md).

MARGINS. The *effective margin* of a call is reserved / billed. Every call is estimated, made, observed.

CAPS. Each run is replayed against caps of 0.3 to 0.9 times what it costs, where it has to be stopped, and of 1.1 to
1.5 times, where it must not be; the first call that is refused ends it.

    violation       a run that is billed more than its cap
    false refusal   a run that is refused a call, though all of it fits in the cap
    early stop      a run that does not fit in the cap, refused a call that did fit in what was left of it. Whoever
                    must not be wrong cannot avoid all of these: that a call will fit is known only after it.
    cut             a call whose answer was cut by the limit of the next paragraph, and not by its own output cap

The calls are made in three ways: one at a time, eight at once, and one at a time with the provider told, as the output
cap of each call, what `MaxOutput.affordable_output` finds left for it ("limited"). The input is counted for that by a
tokenizer that counts a quarter too much, as one tokenizer for all three models has to.
"""

from __future__ import annotations

import argparse
import base64
import csv
import json
import math
import random
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import count, islice
from pathlib import Path
from typing import Final

from budget_types import (
    Adaptive,
    Borrowed,
    Budget,
    BudgetOverrun,
    Estimator,
    MaxOutput,
    Reservation,
    utf8_bytes,
)

MAX_TOKENS: Final = 512
FRAMING: Final = 8
MODELS: Final = {"small": 1.2, "medium": 1.0, "large": 0.85}
TIGHT: Final = (0.3, 0.5, 0.7, 0.9)  # caps, in multiples of what the run costs
WIDE: Final = (1.1, 1.25, 1.5)
NARROW: Final = (1.05,)

SCRIPTS: Final = {  # tokens per byte, and a sentence
    0.25: "यह वाक्य केवल परीक्षण के लिए लिखा गया है और कई बार दोहराया जाता है। ",
    0.354: "كتبت هذه الجملة للاختبار فقط وهي تتكرر عدة مرات في النص. ",
    0.397: "המשפט הזה נכתב רק לצורך בדיקה והוא חוזר על עצמו כמה פעמים. ",
    0.371: "这句话只是为了测试而写的,并且会在文本中重复多次。",
}
WORDS: Final = re.findall(
    r"\w+",
    "the of a to in budget model call agent token price limit why does how many every reserve answer question explain "
    "compare list translate between three short long plan trip week team before after which should",
)


@dataclass(frozen=True)
class Call:
    """One model call: what is known before it, and the tokens that it will have had."""

    phase: str
    model: str
    prompt: str
    input: int
    output: int

    @property
    def actual(self) -> int:
        """What is billed for it."""
        return self.input + self.output

    def affordable_output(self, left: int) -> int:
        """The output cap that keeps the call within `left`, by a tokenizer that counts a quarter too much."""
        return MaxOutput(lambda _: math.ceil(1.25 * self.input), MAX_TOKENS).affordable_output(self.prompt, left)


Run = Sequence[Call]
Draft = tuple[str, float, int]  # prompt, tokens per byte, output tokens


def corpus(seed: int, runs: int = 40) -> list[Run]:
    """Make the corpus that this module's docstring describes."""
    rng = random.Random(seed)
    return [[call for _ in range(6) for call in _phase(rng)] for _ in range(runs)]


def _phase(rng: random.Random) -> Iterator[Call]:
    phase = rng.choice([name for name in PHASES for _ in range(1 if name == "burst" else 4)])
    model = rng.choice(list(MODELS))
    cheap = rng.randint(30, 250) if phase == "burst" else 0
    for prompt, density, output in islice(PHASES[phase](rng, cheap), cheap + rng.randint(10, 40)):
        tokens = math.ceil(utf8_bytes(prompt) * density * MODELS[model]) + FRAMING
        yield Call(phase, model, prompt, tokens, max(1, min(output, MAX_TOKENS)))


def _prose(rng: random.Random, cheap: int) -> Iterator[Draft]:
    while True:
        yield _sentence(rng, 6, 60), rng.uniform(0.20, 0.30), _lognormal(rng, 120, 0.8)


def _code(rng: random.Random, cheap: int) -> Iterator[Draft]:
    while True:
        lines = (f"    {rng.choice(WORDS)}_{rng.randrange(99)} = {rng.choice(WORDS)}(x, {rng.randrange(9999)})\n"
                 for _ in range(rng.randint(30, 180)))  # fmt: skip
        yield "Refactor this:\n\ndef f(x):\n" + "".join(lines), rng.uniform(0.28, 0.38), _lognormal(rng, 200, 0.5)


def _schema(rng: random.Random, cheap: int) -> Iterator[Draft]:
    while True:
        salt, keys = rng.randrange(1_000), range(rng.randint(20, 79))
        properties = {f"k{key}_{salt}": {"type": "string", "maxLength": rng.randrange(1_000)} for key in keys}
        schema = {"type": "object", "properties": properties, "required": list(properties)}
        yield "Acknowledge this tool:\n\n" + json.dumps(schema, indent=2), rng.uniform(0.44, 0.46), rng.randint(40, 51)


def _script(rng: random.Random, cheap: int) -> Iterator[Draft]:
    while True:
        density, sentence = rng.choice(list(SCRIPTS.items()))
        output = rng.choice([14, 18, MAX_TOKENS, MAX_TOKENS, MAX_TOKENS])
        yield "Translate to English:\n\n" + sentence * rng.randint(5, 14), density * rng.uniform(0.97, 1.03), output


def _base64(rng: random.Random, cheap: int) -> Iterator[Draft]:
    while True:
        payload = base64.b64encode(rng.randbytes(rng.randint(500, 1_300))).decode()
        output = rng.choice([5, 5, rng.randint(40, 55)])
        yield "How many bytes does this decode to?\n\n" + payload, rng.uniform(0.70, 0.83), output


def _growing(rng: random.Random, cheap: int) -> Iterator[Draft]:
    history = _sentence(rng, 40, 60)
    while True:
        yield history, rng.uniform(0.22, 0.26), _lognormal(rng, 120, 0.5)
        history += _sentence(rng, 20, 250)


def _burst(rng: random.Random, cheap: int) -> Iterator[Draft]:
    for number in count():
        prompt = f"level=warning path=/v1/items/{rng.randrange(10_000)} request={rng.randbytes(8).hex()} " * 2
        yield prompt, rng.uniform(0.40, 0.50), rng.randint(10, 20) if number < cheap else MAX_TOKENS


def _sentence(rng: random.Random, least: int, most: int) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(least, most))) + "? "


def _lognormal(rng: random.Random, median: float, sigma: float) -> int:
    return round(median * math.exp(rng.gauss(0, sigma)))


PHASES: Final[Mapping[str, Callable[[random.Random, int], Iterator[Draft]]]] = {
    "prose": _prose,
    "code": _code,
    "schema": _schema,
    "script": _script,
    "base64": _base64,
    "growing": _growing,
    "burst": _burst,
}


class DoubleBytes:
    """The paper's static rule: twice the bytes of the prompt, and all of the output cap."""

    def estimate(self, prompt: str, *, model: str = "") -> int:
        """Twice the bytes, and `MAX_TOKENS`."""
        return 2 * utf8_bytes(prompt) + MAX_TOKENS

    def observe(self, prompt: str, actual: int, *, model: str = "") -> None:
        """Learn nothing."""


WORST: Final = MaxOutput(utf8_bytes, MAX_TOKENS)
ESTIMATORS: Final[Mapping[str, Callable[[], Estimator]]] = {
    "static, 2 x bytes": DoubleBytes,
    "MaxOutput(utf8_bytes)": lambda: WORST,
    "Adaptive(MaxOutput)": lambda: Adaptive(WORST),
}


@dataclass(frozen=True)
class Margins:
    """How much more was reserved than billed."""

    calls: int
    mean: float
    median: float
    p99: float
    under: int  # calls that cost more than was reserved for them


@dataclass(frozen=True)
class Way:
    """How the calls of a run are made."""

    in_flight: int
    limited: bool  # each call is sent with an output cap that keeps it within what is left


@dataclass(frozen=True)
class Outcome:
    """What became of the runs of a corpus under one cap, or under several."""

    runs: int
    violations: int
    false_refusals: int
    early_stops: int
    cut: int
    used: float  # the mean part of the cap that was billed


WAYS: Final = (Way(1, limited=True), Way(1, limited=False), Way(8, limited=False))


def summary(ratios: Sequence[float]) -> Margins:
    """Sum effective margins up."""
    ordered = sorted(ratios)
    return Margins(
        calls=len(ordered),
        mean=statistics.fmean(ordered),
        median=statistics.median(ordered),
        p99=ordered[math.ceil(0.99 * len(ordered)) - 1],
        under=sum(ratio < 1 for ratio in ordered),
    )


def margins(estimator: Estimator, runs: Iterable[Run]) -> Margins:
    """Estimate, make and observe every call."""
    ratios = []
    for run in runs:
        for call in run:
            ratios.append(estimator.estimate(call.prompt, model=call.model) / call.actual)
            estimator.observe(call.prompt, call.actual, model=call.model)
    return summary(ratios)


def replay(estimator: Estimator, run: Run, budget: Borrowed[Budget], way: Way) -> tuple[Call | None, int]:
    """Make the calls of a run until one is refused. Returns that one, and how many answers were cut."""
    cut = 0
    for start in range(0, len(run), way.in_flight):
        made: list[tuple[Call, Reservation, int]] = []
        for call in run[start : start + way.in_flight]:
            tokens = estimator.estimate(call.prompt, model=call.model)
            output = call.affordable_output(budget.remaining) if way.limited else MAX_TOKENS
            if output == 0 or tokens > budget.remaining:
                break
            made.append((call, budget.reserve(tokens), min(call.output, output)))
        refused = run[start + len(made) : start + way.in_flight]
        for call, reservation, output in made:
            cut += output < call.output
            # Over the cap: that is what is counted here, and all of it is recorded.
            with suppress(BudgetOverrun):
                reservation.commit(call.input + output)
            estimator.observe(call.prompt, call.input + output, model=call.model)
        if refused:
            return refused[0], cut
    return None, cut


def outcome(estimator: Estimator, runs: Sequence[Run], cap: float, way: Way) -> Outcome:
    """Replay each run against `cap` times its own cost."""
    violations = false_refusals = early_stops = all_cut = 0
    used = []
    for run in runs:
        cost = sum(call.actual for call in run)
        budget = Budget(math.ceil(cap * cost))
        refused, cut = replay(estimator, run, budget, way)
        violations += budget.spent > budget.cap
        false_refusals += refused is not None and cost <= budget.cap
        early_stops += refused is not None and cost > budget.cap and refused.actual <= budget.remaining
        all_cut += cut
        used.append(budget.spent / budget.cap)
    return Outcome(len(runs), violations, false_refusals, early_stops, all_cut, statistics.fmean(used))


def outcomes(make: Callable[[], Estimator], runs: Sequence[Run], caps: Iterable[float], way: Way) -> Outcome:
    """Replay the corpus against each of `caps`, each time with a new estimator."""
    each = [outcome(make(), runs, cap, way) for cap in caps]
    return Outcome(
        runs=sum(one.runs for one in each),
        violations=sum(one.violations for one in each),
        false_refusals=sum(one.false_refusals for one in each),
        early_stops=sum(one.early_stops for one in each),
        cut=sum(one.cut for one in each),
        used=statistics.fmean(one.used for one in each),
    )


class Priced:
    """Bytes times `margin` at 3, and 100 tokens of output at 15: the rule and the prices of the paper's experiment."""

    def __init__(self, margin: float) -> None:
        self.margin = margin

    def estimate(self, prompt: str, *, model: str = "") -> int:
        """The price of the call, in millionths of a dollar."""
        return int(utf8_bytes(prompt) * self.margin * 3) + 1_500

    def observe(self, prompt: str, actual: int, *, model: str = "") -> None:
        """Learn nothing."""


PRICED: Final[Mapping[str, Callable[[], Estimator]]] = {
    "paper's static, 2 x bytes": lambda: Priced(2),
    "paper's adaptive as it ran, 1.1 x bytes": lambda: Priced(1.1),
    "bytes": lambda: Priced(1),
    "Adaptive(2 x bytes)": lambda: Adaptive(Priced(2)),
    "Adaptive(1.1 x bytes)": lambda: Adaptive(Priced(1.1)),
    "Adaptive(bytes)": lambda: Adaptive(Priced(1)),
}


def paper_calls(rows: Iterable[Mapping[str, str]]) -> Iterator[tuple[str, int]]:
    """Read the calls of the artifact's CSV: a prompt of the right kind and bytes, and what was billed for it.

    The CSV says how long a prompt was, and not what was in it, so this corpus' text of the same kind stands in.
    """
    drafts: Final = {"nested_tool_schemas": _schema, "base64_dense": _base64}
    for number, row in enumerate(rows):
        rng = random.Random(number)
        size = int(row["prompt_chars"])
        text = ""
        while utf8_bytes(text) < size:
            if row["category"] == "unicode_combining_marks":
                text += list(SCRIPTS.values())[int(row["prompt_id"][-2:]) % 4]
            else:
                text += next(drafts[row["category"]](rng, 0))[0]
        prompt = text.encode()[:size].decode(errors="ignore")
        prompt += " " * (size - utf8_bytes(prompt))
        yield prompt, 3 * int(row["input_tokens"]) + 15 * int(row["output_tokens"])


def print_margins(name: str, of: Margins) -> None:
    """Print a row of the table of margins."""
    print(f"{name:40}{of.calls:7}{of.mean:8.2f}{of.median:8.2f}{of.p99:8.2f}{of.under:8}", flush=True)


def print_seeds(seeds: int, runs: int) -> None:
    """Print what `Adaptive` does on the corpora of all seeds from 1 on, summed up."""
    make = ESTIMATORS["Adaptive(MaxOutput)"]
    found: list[Margins] = []
    ends: defaultdict[tuple[Way, tuple[float, ...]], list[Outcome]] = defaultdict(list)
    for seed in range(1, seeds + 1):
        made = corpus(seed, runs)
        found.append(margins(make(), made))
        for way in WAYS:
            for caps in (TIGHT, WIDE, NARROW):
                ends[way, caps].append(outcomes(make, made, caps, way))
    medians = sorted(each.median for each in found)
    under, calls = sum(each.under for each in found), sum(each.calls for each in found)
    print(f"Adaptive(MaxOutput), seeds 1 to {seeds}, {runs} runs each")
    print(f"median effective margin            {medians[0]:.2f} to {medians[-1]:.2f}")
    print(f"calls that cost more than reserved {under:,} of {calls:,}\n")
    print(f"{'caps':18}{'at once':>8}{'violations':>18}{'cut':>8}{'refused falsely':>18}{'at 1.05':>14}")
    for way in WAYS:
        tight, wide, narrow = (ends[way, caps] for caps in (TIGHT, WIDE, NARROW))
        over = f"{sum(one.violations for one in tight):,} of {sum(one.runs for one in tight):,}"
        refused, close = (
            f"{sum(one.false_refusals for one in group):,} of {sum(one.runs for one in group):,}"
            for group in (wide, narrow)
        )
        print(
            f"{'limited' if way.limited else '':18}{way.in_flight:8}{over:>18}{sum(one.cut for one in tight):8}"
            f"{refused:>18}{close:>14}"
        )


def main() -> None:
    """Measure, print tables, and write JSON where asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, metavar="N", help="all seeds from 1 to N, and `Adaptive` alone")
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--replay", type=Path, metavar="CSV", help="the paper's own calls, in place of the corpus")
    arguments = parser.parse_args()

    margins_header = f"{'effective margin':40}{'calls':>7}{'mean':>8}{'median':>8}{'p99':>8}{'under':>8}"
    report: list[dict[str, object]] = []
    if arguments.seeds is not None:
        print_seeds(arguments.seeds, arguments.runs)
    elif arguments.replay is not None:
        with arguments.replay.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for which in sorted({row["estimator"] for row in rows}):
            print(f"{margins_header}   ({which})")
            calls = list(paper_calls(row for row in rows if row["estimator"] == which))
            for name, make in PRICED.items():
                estimator, ratios = make(), []
                for prompt, billed in calls:
                    ratios.append(estimator.estimate(prompt) / billed)
                    estimator.observe(prompt, billed)
                print_margins(name, summary(ratios))
                report.append({"calls of": which, "estimator": name, **asdict(summary(ratios))})
    else:
        runs = corpus(arguments.seed, arguments.runs)
        print(margins_header)
        for name, make in ESTIMATORS.items():
            found = margins(make(), runs)
            print_margins(name, found)
            report.append({"estimator": name, **asdict(found)})
        print(f"\n{'':40}{'caps under the cost':^34}  caps over it")
        print(f"{'caps':32}{'at once':>8}{'viol.':>8}{'early':>8}{'cut':>8}{'used':>8}{'false':>8}{'cut':>6}")
        for name, make in ESTIMATORS.items():
            for way in WAYS:
                tight, wide = (outcomes(make, runs, caps, way) for caps in (TIGHT, WIDE))
                print(
                    f"{name + (', limited' if way.limited else ''):32}{way.in_flight:8}{tight.violations:8}"
                    f"{tight.early_stops:8}{tight.cut:8}{tight.used:8.2f}{wide.false_refusals:8}{wide.cut:6}",
                    flush=True,
                )
                report.append({"estimator": name, **asdict(way), "tight": asdict(tight), "wide": asdict(wide)})
        print(f"({len(TIGHT) * len(runs)} runs under, {len(WIDE) * len(runs)} runs over)")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
