"""Words and runs that guessing tools try first.

A complete breach corpus would be the wrong tool here: with a minimum of fifteen characters nearly
all of its entries are already too short. What remains are a common word, or two, stretched with
digits and signs ("Password12345!!!"), repetitions, and keyboard runs; those are recognised by
rule over this short list (NIST SP 800-63B-4 section 3.1.1.2 warns of oversized block lists).
"""

COMMON_WORDS = frozenset(
    """
    abc abcdef access account admin administrator adobe alexander amanda amazon america andrew
    angel angels anthony apple arsenal ashley asshole august austin autumn azerty babygirl bailey
    banana barcelona baseball basketball batman beautiful bitcoin blessed blink bubbles buster
    butterfly canada changeme charlie cheese chelsea chicken chocolate christmas computer cookie
    corvette cowboys crystal daniel database december default demo desktop diamond dolphin dragon
    elephant email enter facebook family february ferrari flower football forever freedom friday
    friend friends fuckyou gandalf george ginger google guest guitar hannah harley heaven hello
    hockey holiday hunter iloveyou internet jackson january jasmine jennifer jessica jesus jordan
    joshua july june junior justin killer letmein linkedin liverpool login london love lovely
    lover maggie manager march marina martin master matrix matthew melissa mercedes michael
    michelle microsoft midnight minecraft money monday monkey morgan mother mustang naruto
    nathan newyork nicole november october office oracle orange passphrase passport passw
    password passwort patrick peanut pepper phoenix please pokemon princess private purple
    qazwsx qwerty qwertyuiop qwertz rachel rainbow ranger root samantha samsung saturday school
    secret secure security september server service shadow shopping silver soccer sophie
    spiderman starwars steelers strawberry summer sunday sunflower sunshine super superman
    superuser support sweet system taylor temp temporary test tester testing thomas thunder
    thursday tigger tinkerbell toyota trustno tuesday twitter user vanilla victoria wednesday
    welcome whatever william windows winter wizard word work yankees yellow zxcvbn zxcvbnm
    """.split()
)

_FORWARD = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "!@#$%^&*()_+",
)

KEYBOARD_WALKS = _FORWARD + tuple(walk[::-1] for walk in _FORWARD)
