//! Words that carry no meaning of their own in a question to a shop.

use std::collections::HashSet;
use std::sync::LazyLock;

const RUSSIAN: &str = "а без более бы был была были было быть в вам вас весь во вот все всего всех вы где да для до его ее если есть еще же за здесь и из или им их к как какая какие какой какое каком ко когда кто ли либо мне может можно мой моя мы на над надо нам нас наш не него нее нет ни них но ну о об он она они оно от очень по под подскажите пожалуйста после при про с сам свой себе себя со так также такой там те тем то того тоже только том ты у уже хочу чего чем что чтобы чье чья эта эти это этого этой этом этот я здравствуйте привет скажите";
const ENGLISH: &str = "a about am an and any are as at be been but by can could did do does for from had has have hello hi how i if in into is it its me my no not of on or our please so some such tell that the their them then there these they this to was we were what when where which who will with would you your";

static STOP_WORDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| RUSSIAN.split(' ').chain(ENGLISH.split(' ')).collect());

/// Whether a normalized word is left out of the index and of questions.
pub fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.contains(word)
}
