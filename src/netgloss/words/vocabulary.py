"""From typed terms to one vocabulary: SECA's reconciliation, step by step (section C3).

A term is normalised, looked up in the hand map, corrected, looked up again, cleared of
stop-words and said in the clusters of its words; a person's edit comes last and wins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from netgloss.errors import DataError
from netgloss.progress import Tracker, untracked
from netgloss.words.clustering import Clusters, cluster_tokens
from netgloss.words.edits import EDITED
from netgloss.words.embeddings import parse_embedding
from netgloss.words.handmap import as_key, prepare_hand_map
from netgloss.words.normalise import as_typed, concept_name, normalise, tokens
from netgloss.words.options import WordOptions
from netgloss.words.spelling import Speller
from netgloss.words.study_words import trusted_words
from netgloss.words.terms import KINDS

__all__ = ["Vocabulary", "build_vocabulary"]


@dataclass(frozen=True)
class Vocabulary:
    """Where every typed term went, and why.

    Attributes:
        frame: Columns raw, kind, concept, step, count.
        notes: Sentences for the person who reads the report.
        unsure: Columns kind, token, other, cosine, merged: pairs of words to look at.
        says: What the embedding can and cannot merge; empty without clustering.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]
    unsure: pd.DataFrame
    says: str


@dataclass
class _Term:
    """One typed term on its way; settled once ``concept`` is set.

    What it means may be given, as by a translation; then there is nothing in it to spell.
    """

    raw: str
    kind: str
    count: int
    people: int
    words: tuple[str, ...]
    given: bool = False
    steps: list[str] = field(default_factory=list)
    concept: str | None = None


def build_vocabulary(
    typed: pd.DataFrame,
    options: WordOptions,
    class_names: Sequence[str] = (),
    hand_map: Mapping[str, str] | None = None,
    edits: pd.DataFrame | None = None,
    *,
    meant: Mapping[str, tuple[str, str]] | None = None,
    track: Tracker = untracked,
) -> Vocabulary:
    """The vocabulary of a study.

    Args:
        typed: Columns raw, kind, count, people, as :func:`typed_terms` gives them.
        options: How to go about it; see ``PRESETS``.
        class_names: The classifier's classes: spelling leaves their words alone.
        hand_map: Term to concept, over all but edits; an empty concept leaves the term out.
        edits: Columns raw, kind, concept, as :func:`detect_edits` gives them; over everything.
        meant: What some types stand for before all other steps, and the step to write down, as
            :func:`netgloss.words.tags.meanings` gives it; empty where a type is left out. Spelling
            leaves them alone.
        track: Reports progress of the clustering.

    Raises:
        DataError: Nothing was typed, or no term is left.

    Source:
        SECA, section C3; methods, 8.1.

    Examples:
        >>> from netgloss.words.options import PRESETS
        >>> rows = [("lobster_claw", "type", 90, 2), ("lonster claw", "type", 1, 1)]
        >>> typed = pd.DataFrame(rows, columns=["raw", "kind", "count", "people"])
        >>> build_vocabulary(typed, PRESETS["default"]).frame[["concept", "step"]].values.tolist()
        [['lobster_claw', 'as typed'], ['lobster_claw', 'spelling: lonster -> lobster']]
    """
    terms = _started(typed, meant or {})
    mapping = prepare_hand_map(hand_map)
    _map_by_hand(terms, mapping)
    _correct(terms, options, class_names)
    _map_by_hand(terms, mapping)
    if options.join_spacing:
        _join_spacing(terms)
    _drop_stop_words(terms, set(options.stop_words))
    says, unsure = _cluster(terms, options, track)
    frame = _edited(_as_frame(terms), edits)
    if not (frame["concept"] != "").any():
        raise DataError(
            "no term is left for the vocabulary; loosen the stop-words, the hand map or the edits"
        )
    return Vocabulary(frame, _notes(frame, unsure, mapping, says), unsure, says)


def _started(typed: pd.DataFrame, meant: Mapping[str, tuple[str, str]]) -> list[_Term]:
    rows = zip(typed["raw"], typed["kind"], typed["count"], typed["people"], strict=True)
    terms = [
        _Term(as_typed(raw), kind, int(count), int(people), tokens(raw))
        for raw, kind, count, people in rows
    ]
    if not terms:
        raise DataError("the answers hold no term; import answers in which people typed something")
    for term in terms:
        if term.kind == "type" and term.raw in meant:
            english, step = meant[term.raw]
            term.words, term.given, term.steps = tokens(english), True, [step]
        elif not term.words:
            term.steps = ["left out: holds no word"]
        if not term.words:
            term.concept = ""
    return terms


def _open(terms: Iterable[_Term]) -> list[_Term]:
    return [term for term in terms if term.concept is None]


def _spelled(terms: Iterable[_Term]) -> list[_Term]:
    """The open terms in which there may be slips of the finger."""
    return [term for term in _open(terms) if not term.given]


def _map_by_hand(terms: Iterable[_Term], mapping: Mapping[str, str]) -> None:
    for term in _open(terms):
        key = concept_name(term.words)
        if key in mapping:
            term.concept = mapping[key]
            term.steps.append(f"hand map: {key} -> {mapping[key] or 'left out'}")


def _correct(terms: list[_Term], options: WordOptions, class_names: Sequence[str]) -> None:
    if options.spelling == "whole":
        _correct_whole(_spelled(terms), options)
    elif options.spelling == "token":
        counts = _word_counts(terms, KINDS)
        shared = {word for term in terms if term.people > 1 for word in term.words}
        known, protected = trusted_words(
            counts, shared, class_names, options.protected, share=options.protect_shared
        )
        speller = Speller(protected, known, avoided=frozenset(options.stop_words))
        corrections = speller.correct(word for term in _spelled(terms) for word in term.words)
        for term in _spelled(terms):
            steps = [corrections[word].step for word in term.words]
            term.steps += [step for step in steps if step]
            term.words = tuple(corrections[word].corrected for word in term.words)


def _correct_whole(terms: list[_Term], options: WordOptions) -> None:
    """Looks each term up as one string, underscores and all: the published way."""
    protected = dict.fromkeys(map(normalise, options.protected), "on your list")
    speller = Speller(protected, mode="whole")
    corrections = speller.correct(normalise(term.raw) for term in terms)
    for term in terms:
        correction = corrections[normalise(term.raw)]
        if correction.step:
            term.steps.append(correction.step)
        term.words = tokens(correction.corrected)


def _join_spacing(terms: Iterable[_Term]) -> None:
    """Gives "sea weed" and "seaweed" the more frequent of their forms."""
    forms: dict[tuple[str, str], Counter[tuple[str, ...]]] = {}
    for term in _open(terms):
        key = term.kind, "".join(term.words)
        forms.setdefault(key, Counter())[term.words] += term.count
    for term in _open(terms):
        variants = forms[term.kind, "".join(term.words)]
        best = min(variants, key=lambda words: (-variants[words], words))
        if best != term.words:
            term.steps.append(f"spacing: {' '.join(term.words)} -> {' '.join(best)}")
            term.words = best


def _drop_stop_words(terms: Iterable[_Term], stop_words: set[str]) -> None:
    for term in _open(terms):
        dropped = [word for word in term.words if word in stop_words]
        if dropped:
            term.steps.append(f"stop-word: {', '.join(dropped)}")
            term.words = tuple(word for word in term.words if word not in stop_words)
        if not term.words:
            term.concept = ""


def _cluster(terms: list[_Term], options: WordOptions, track: Tracker) -> tuple[str, pd.DataFrame]:
    """Settles the open terms; returns what the embedding says and the unsure pairs."""
    embedder = None if options.clusters == "none" else parse_embedding(options.embedding)
    groups = [KINDS] if options.pooled else [(kind,) for kind in KINDS]
    frames = []
    for kinds in groups:
        part = [term for term in _open(terms) if term.kind in kinds]
        found = None
        if embedder is not None and options.clusters != "none":
            found = cluster_tokens(
                _word_counts(part, kinds),
                embedder,
                options.clusters,
                merge_from=options.merge_from,
                seed=options.seed,
                track=track,
            )
            frames.append(found.unsure.assign(kind=" and ".join(kinds)))
        _name_by_clusters(part, found)
    columns = ["kind", "token", "other", "cosine", "merged"]
    unsure = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    return embedder.says if embedder else "", unsure[columns]


def _name_by_clusters(terms: Iterable[_Term], clusters: Clusters | None) -> None:
    """Says each term in clusters; terms of the same clusters in any order are one concept."""
    terms = list(terms)
    orders: dict[tuple[str, ...], Counter[tuple[str, ...]]] = {}
    for term in terms:
        term.words = _in_clusters(term, clusters)
        orders.setdefault(tuple(sorted(term.words)), Counter())[term.words] += term.count
    for term in terms:
        variants = orders[tuple(sorted(term.words))]
        best = min(variants, key=lambda words: (-variants[words], words))
        if best != term.words and clusters is not None:
            term.steps.append(f"order: {concept_name(term.words)} -> {concept_name(best)}")
        term.concept = concept_name(best if clusters is not None else term.words)


def _in_clusters(term: _Term, clusters: Clusters | None) -> tuple[str, ...]:
    """The clusters of a term's words, in order; one where all words fall into one."""
    if clusters is None:
        return term.words
    names = tuple(clusters.names[word] for word in term.words)
    term.steps += [
        f"cluster: {word} -> {name} ({clusters.cosines[word]:.2f})"
        for word, name in zip(term.words, names, strict=True)
        if word != name
    ]
    return names[:1] if len(set(names)) == 1 else names


def _word_counts(terms: Iterable[_Term], kinds: Sequence[str]) -> Counter[str]:
    """How often each word was typed, over the terms of these kinds."""
    counts: Counter[str] = Counter()
    for term in terms:
        if term.kind in kinds:
            counts.update(dict.fromkeys(term.words, term.count))
    return counts


def _as_frame(terms: Iterable[_Term]) -> pd.DataFrame:
    rows = [
        (term.raw, term.kind, term.concept or "", "; ".join(term.steps) or "as typed", term.count)
        for term in terms
    ]
    return pd.DataFrame(rows, columns=["raw", "kind", "concept", "step", "count"])


def _edited(frame: pd.DataFrame, edits: pd.DataFrame | None) -> pd.DataFrame:
    """The vocabulary with a person's edits; those of terms no longer typed stay, with count 0."""
    if edits is None or edits.empty:
        return frame
    decided = {
        (as_typed(raw), kind): as_key(concept)
        for raw, kind, concept in zip(edits["raw"], edits["kind"], edits["concept"], strict=True)
    }
    keys = list(zip(frame["raw"], frame["kind"], strict=True))
    frame = frame.assign(
        concept=[decided.get(key, old) for key, old in zip(keys, frame["concept"], strict=True)],
        step=[
            EDITED if key in decided else old for key, old in zip(keys, frame["step"], strict=True)
        ],
    )
    absent = [
        (raw, kind, concept, EDITED, 0)
        for (raw, kind), concept in decided.items()
        if (raw, kind) not in set(keys)
    ]
    return pd.concat([frame, pd.DataFrame(absent, columns=frame.columns)], ignore_index=True)


def _notes(
    frame: pd.DataFrame, unsure: pd.DataFrame, mapping: Mapping[str, str], says: str
) -> tuple[str, ...]:
    notes = []
    for kind in KINDS:
        rows = frame[(frame["kind"] == kind) & (frame["count"] > 0)]
        left_out = int((rows["concept"] == "").sum())
        concepts = rows.loc[rows["concept"] != "", "concept"].nunique()
        rest = f"; {left_out} left out" if left_out else ""
        notes.append(f"{kind.capitalize()}s: {len(rows)} as typed, {concepts} concepts{rest}.")
    if says:
        notes.append(says)
    if len(unsure):
        merged = int(unsure["merged"].sum())
        notes.append(
            f"Unsure merges: {merged}; close pairs left apart: {len(unsure) - merged}. Look at "
            "them and edit vocabulary.csv where they are wrong."
        )
    guesses = int(frame["step"].str.contains("(or ", regex=False).sum())
    if guesses:
        notes.append(f"Spellings that are guesses: {guesses}; their step lists other candidates.")
    used = int(frame["step"].str.contains("hand map: ", regex=False).sum())
    if mapping:
        notes.append(f"Terms that the hand map decided: {used}.")
    return tuple(notes)
