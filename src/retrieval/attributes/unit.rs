//! Units of measure as shops and their visitors write them, in Russian and English, and what they measure.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a number measures, and the unit that it is kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// In the shop's currency.
    Money,
    /// In milliliters.
    Volume,
    /// In grams.
    Mass,
    /// In millimeters; screens, waterproofness and furniture alike.
    Length,
    /// In milliampere-hours.
    Charge,
    /// In watt-hours.
    Energy,
    /// In gigabytes.
    Storage,
    /// In watts.
    Power,
    /// In volts.
    Voltage,
    /// In lumens.
    Light,
    /// In hours.
    Duration,
    /// In years.
    Age,
    /// In degrees Celsius.
    Temperature,
    /// In hertz.
    Frequency,
    /// Pieces, persons, places.
    Count,
    /// A number without a unit.
    Bare,
}

/// A unit and the factor that brings a number to the base unit of its dimension.
pub type Unit = (Dimension, f64);

/// Each line: dimension, factor, written forms. Ounces are of weight here; `unit_of` also offers fluid ounces.
const UNITS: &[(Dimension, f64, &str)] = &[
    (
        Dimension::Money,
        1.0,
        "₽ $ € £ р руб рубль рубля рублей рублях рублю рублями rub usd eur euro euros доллар доллара долларов евро dollar dollars buck bucks pound_sterling тенге сом",
    ),
    (
        Dimension::Volume,
        1.0,
        "мл миллилитр миллилитра миллилитров ml milliliter milliliters millilitre millilitres cc",
    ),
    (
        Dimension::Volume,
        1000.0,
        "л литр литра литров литре литровый литровая литровое l lt ltr liter liters litre litres",
    ),
    (Dimension::Volume, 946.353, "qt quart quarts"),
    (Dimension::Volume, 473.176, "pt pint pints"),
    (Dimension::Volume, 3785.41, "gal gallon gallons"),
    (Dimension::Volume, 236.588, "cup cups"),
    (Dimension::Mass, 1.0, "г гр грамм грамма граммов g gr gram grams"),
    (
        Dimension::Mass,
        1000.0,
        "кг килограмм килограмма килограммов кило kg kilo kilos kilogram kilograms",
    ),
    (Dimension::Mass, 0.001, "мг миллиграмм миллиграммов mg"),
    (Dimension::Mass, 453.592, "lb lbs pound pounds фунт фунта фунтов"),
    (Dimension::Mass, 28.3495, "oz ounce ounces унция унции унций"),
    (
        Dimension::Length,
        1.0,
        "мм миллиметр миллиметра миллиметров mm millimeter millimeters",
    ),
    (
        Dimension::Length,
        10.0,
        "см сантиметр сантиметра сантиметров cm centimeter centimeters centimetre centimetres",
    ),
    (
        Dimension::Length,
        1000.0,
        "м метр метра метров m meter meters metre metres",
    ),
    (
        Dimension::Length,
        25.4,
        "дюйм дюйма дюймов дюймовый дюймовая дюймового дюймовой in inch inches \"",
    ),
    (Dimension::Length, 304.8, "ft foot feet"),
    (Dimension::Length, 914.4, "yd yard yards"),
    (Dimension::Charge, 1.0, "мач mah"),
    (Dimension::Charge, 1000.0, "ач ah"),
    (Dimension::Energy, 1.0, "втч wh"),
    (
        Dimension::Storage,
        1.0,
        "гб гигабайт гигабайта gb gigabyte gigabytes гиг",
    ),
    (
        Dimension::Storage,
        1024.0,
        "тб терабайт терабайта tb terabyte terabytes",
    ),
    (
        Dimension::Storage,
        0.000_976_562_5,
        "мб мегабайт мегабайта mb megabyte megabytes",
    ),
    (Dimension::Power, 1.0, "вт ватт w watt watts"),
    (Dimension::Power, 1000.0, "квт киловатт kw kilowatt kilowatts"),
    (Dimension::Power, 735.5, "hp horsepower"),
    (Dimension::Voltage, 1.0, "вольт v volt volts"),
    (Dimension::Light, 1.0, "лм люмен люмена люменов lm lumen lumens"),
    (Dimension::Duration, 1.0, "ч час часа часов h hr hrs hour hours"),
    (
        Dimension::Duration,
        0.016_666_7,
        "мин минута минуты минут min minute minutes",
    ),
    (Dimension::Duration, 24.0, "день дня дней сутки суток day days"),
    (Dimension::Age, 1.0, "год года лет годик годика yo year years yrs"),
    (Dimension::Age, 0.083_333, "мес месяц месяца месяцев month months"),
    (
        Dimension::Temperature,
        1.0,
        "°c °с °c градус градуса градусов degree degrees",
    ),
    (Dimension::Frequency, 1.0, "гц герц hz hertz"),
    (Dimension::Frequency, 1000.0, "кгц khz"),
    (Dimension::Frequency, 1_000_000.0, "мгц mhz"),
    (Dimension::Frequency, 1_000_000_000.0, "ггц ghz"),
    (
        Dimension::Count,
        1.0,
        "шт штук штуки штука предмет предмета предметов персона персоны персон человек местный местная местную pc pcs piece pieces person persons people pack seater",
    ),
];

static BY_FORM: LazyLock<HashMap<&'static str, Unit>> = LazyLock::new(|| {
    let forms = UNITS
        .iter()
        .flat_map(|(dimension, factor, forms)| forms.split(' ').map(move |form| (form, (*dimension, *factor))));
    forms.collect()
});

/// The unit that a normalized word names.
pub fn unit_of(word: &str) -> Option<Unit> {
    BY_FORM.get(word).copied()
}

/// Fluid ounces are written as ounces; the property named beside them tells which are meant.
pub const FLUID_OUNCE: Unit = (Dimension::Volume, 29.5735);

/// Whether the factor is that of an ounce of weight.
pub fn is_ounce(unit: Unit) -> bool {
    unit.0 == Dimension::Mass && (unit.1 - 28.3495).abs() < 1e-9
}
