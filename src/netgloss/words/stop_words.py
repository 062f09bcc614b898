"""Words of tags that name nothing in a picture (thesis, sections 3.5 and 5.1.4; methods 7).

The lists that search engines use hold 300 to 1,300 English words, and among them many that people
give as features of a picture: face, back, line, side, open, front, top, thin, fire. English has a
list of its own here, therefore, of the closed classes of words only: articles, pronouns,
prepositions, auxiliaries, conjunctions and a few adverbs. Numbers are not in it, and neither are
inside and outside, which people say of a scene. Other languages have the list of the package
stopwordsiso without the words in :data:`KEPT`, found by reading those six lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from netgloss.errors import OptionError

__all__ = ["ENGLISH", "IRRELEVANT", "KEPT", "NEGATIONS", "languages_known", "stop_words"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ENGLISH = _words(
    """
    a an the this that these those some any each every either neither both all such another other
    others same own few many much more most less least several enough
    i me my myself we us our ours ourselves you your yours yourself yourselves he him his himself
    she her hers herself it its itself they them their theirs themselves one ones who whom whose
    which what whatever someone somebody anyone anybody everyone everybody somewhere anywhere
    everywhere
    am is are was were be been being has have had having do does did doing done can could may might
    must shall should will would ought im ive id its thats theres hes shes theyre youre were
    of in on at by to for from with into onto over under underneath near about above below across
    after against along alongside among amongst around as before behind beneath beside besides
    between beyond during except off out per than through throughout till toward towards until up
    down upon via within
    and or nor but if because while although though since so then when whenever where wherever why
    how whether unless whereas
    very too quite rather just only also even still already again almost always often sometimes here
    there now ever else however therefore thus instead maybe perhaps probably possibly really
    actually basically etc eg ie
    """
)
"""English words of the closed classes, which no one means to name."""

IRRELEVANT = _words(
    """
    seem seems seemed seeming like likes liked look looks looked looking see sees saw seen seeing
    appear appears appeared appearing show shows showed shown showing think thinks thought guess
    guessed believe know known recognise recognised recognize recognized recognizable understand
    say said mean means kind kinds sort sorts type types bit lot thing things stuff something
    anything everything nothing image images picture pictures photo photos photograph screenshot
    visible unclear unknown unsure sure idea idk dunno hint hints sorry ok okay yes yeah hmm lol
    test
    """
)
"""Words about looking and guessing, and words for anything: they say nothing of the picture."""

NEGATIONS = _words(
    """
    no not without never cannot cant dont doesnt didnt isnt arent wasnt werent hasnt havent wont
    wouldnt couldnt shouldnt non senza nicht kein keine keinen ohne sans sin sem não geen zonder
    niet
    """
)
"""Words that turn what follows into its opposite: "no wheel" is no wheel."""

KEPT = {
    "it": _words(
        """
        buono cima citta città dentro doppio fuori gente giorno grande gruppo lato lontano lungo
        mezzo mondo nuovo paese persone piedi pieno posteriore uomo vita
        """
    ),
    "de": _words(
        """
        gross grosse grossen grosser grosses groß große großen großer großes hoch kleine kleinen
        kleiner kleines kurz lang lange mann mensch menschen neue neuen oben offen rund
        """
    ),
    "fr": _words(
        """
        bas bat debout dedans dehors directe dos droite exterieur gens haut hue mince mine
        multiple multiples nouveau nouveaux ouvert ouverte ouverts personne personnes pièce
        plein sein vif vifs vive
        """
    ),
    "es": _words(
        """
        arriba claro gran grandes lado largo nueva nuevas nuevo nuevos pais sal
        """
    ),
    "pt": _words(
        """
        baixo caminho comprido corrente dia direita fora grande grandes grupo lado noite nova
        novas novo novos pessoas ponto pontos povo área
        """
    ),
    "nl": _words(
        """
        beneden binnen boven buiten rond vol vrij
        """
    ),
}
"""Words that stopwordsiso leaves out and that name or describe what a picture can show."""


def stop_words(languages: Iterable[str] = ("en",)) -> frozenset[str]:
    """The words to leave out of tags in these languages.

    Only languages that people used should be among them: "die" is an article in German, "pan" is
    bread in Spanish, and "mine" is nobody's in French.

    Args:
        languages: ISO 639-1 codes.

    Raises:
        OptionError: There is no list for one of them.

    Example:
        >>> found = stop_words(["en", "it"])
        >>> "the" in found, "della" in found, "face" in found, "piedi" in found
        (True, True, False, False)
    """
    return frozenset(word for language in languages for word in _list(language))


@cache
def languages_known() -> tuple[str, ...]:
    """The codes of the languages that have a list, sorted."""
    from stopwordsiso import langs

    return tuple(sorted(langs()))


@cache
def _list(language: str) -> frozenset[str]:
    if language == "en":
        return ENGLISH
    if language not in languages_known():
        raise OptionError(
            f"words: there are no stop-words for the language {language!r}; "
            f"known: {', '.join(languages_known())}"
        )
    from stopwordsiso import stopwords

    return frozenset(stopwords(language)) - KEPT.get(language, frozenset())
