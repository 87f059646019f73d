//! Variants of one product (a shirt in five colors and three sizes) share one place among the hits, so that five places show five
//! different things. What was asked for by name keeps a place of its own.

use crate::domain::id::DocumentId;
use crate::domain::knowledge::ProductRow;
use crate::domain::search::Hit;
use crate::domain::search::Variant;
use crate::retrieval::attributes::concept::equals_of;
use crate::retrieval::attributes::evidence::AttributeEvidence;
use crate::retrieval::attributes::evidence::Verdict;
use crate::retrieval::attributes::token::tokens;
use crate::retrieval::attributes::value::value_terms;
use crate::retrieval::fusion::FusedCandidate;
use crate::retrieval::variant_words::Title;
use crate::retrieval::variant_words::body_words;
use crate::retrieval::variant_words::marks;
use crate::retrieval::variant_words::read_title;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;

/// Hits that are looked through for variants, whatever the length of the list that was asked for: so a longer list begins with the
/// shorter one, and a product of many variants leaves room for others. As long as the longest list; each costs a read.
pub const POOL: usize = 50;
/// Texts share at least this part of their words when they describe one product.
const SAME_TEXT: f64 = 0.9;
/// An asked color names its shades too, but a shade does not name its color.
const NAMED_GRADE: f64 = 0.85;

/// Whether hits are listed one for each product with its variants, or one for each document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    Grouped,
    Each,
}

/// What a question asked for.
#[derive(Debug, Default)]
pub struct Wanted {
    pub question: String,
    /// Found by an exact identifier.
    pub named: HashSet<DocumentId>,
    /// Their rows satisfy all that was asked of rows.
    pub satisfying: HashSet<DocumentId>,
}

impl Wanted {
    /// From what was found for the question, and what rows say to it.
    pub fn of(question: &str, fused: &[FusedCandidate], attributes: Option<&AttributeEvidence>) -> Wanted {
        let satisfies = |document| {
            let verdict = attributes.and_then(|attributes| attributes.of(document));
            matches!(verdict, Some(Verdict::Satisfies { .. }))
        };
        let named = fused.iter().filter(|candidate| candidate.evidence.identifier == 1.0);
        let documents = fused.iter().map(|candidate| candidate.document);
        Wanted {
            question: question.to_owned(),
            named: named.map(|candidate| candidate.document).collect(),
            satisfying: documents.filter(|document| satisfies(*document)).collect(),
        }
    }
}

struct Item {
    place: usize,
    title: Title,
    /// Words of the text that are no variant's; only of hits whose title others share.
    body: BTreeSet<String>,
    /// Values of this variant that the question names.
    matched: BTreeSet<String>,
    is_named: bool,
    satisfies: bool,
    hit: Hit,
}

/// A hit with the variants that it stands for.
struct Group {
    lead: Item,
    others: Vec<Item>,
}

/// Lists the variants of a product on one of them, at the place of the best. That one satisfies the question most: by its row, by
/// the values that the question names, then by rank. A variant that was named by its identifier, or by a value which the first
/// has not ("красная или синяя"), stays a hit of its own. Scores stay those of the hits. Takes up to a millisecond: call it off the
/// async runtime.
pub fn grouped(hits: Vec<Hit>, wanted: &Wanted) -> Vec<Hit> {
    let mut groups: Vec<(usize, Group)> = Vec::new();
    for family in families(items(hits, wanted)) {
        for group in led(family) {
            let places = group.others.iter().map(|other| other.place);
            let place = places.fold(group.lead.place, usize::min);
            groups.push((place, group));
        }
    }
    groups.sort_by_key(|(place, _)| *place);
    groups.into_iter().map(|(_, group)| group.listed()).collect()
}

fn items(hits: Vec<Hit>, wanted: &Wanted) -> Vec<Item> {
    let asked = asked_marks(&wanted.question);
    let mut items: Vec<Item> = hits
        .into_iter()
        .enumerate()
        .map(|(place, hit)| {
            let document = &hit.chunk.document;
            let row = document.product.as_ref();
            let title = row.map(|row| read_title(&document.title, row)).unwrap_or_default();
            Item {
                place,
                matched: title.marks.intersection(&asked).cloned().collect(),
                is_named: wanted.named.contains(&document.id),
                satisfies: wanted.satisfying.contains(&document.id),
                body: BTreeSet::new(),
                title,
                hit,
            }
        })
        .collect();
    let mut shared: HashMap<String, usize> = HashMap::new();
    for item in &items {
        *shared.entry(item.title.key.clone()).or_default() += 1;
    }
    for item in &mut items {
        if shared.get(&item.title.key).is_some_and(|count| *count > 1) {
            let own = &item.hit.chunk;
            item.body = body_words(&own.text, &own.document.key.source_id, &item.title.marks);
        }
    }
    items
}

/// What the question names, with other words for it.
fn asked_marks(question: &str) -> BTreeSet<String> {
    let tokens = tokens(question);
    let mut asked = marks(&tokens);
    let words = value_terms(&tokens);
    let named = words.iter().flat_map(|word| equals_of(word));
    asked.extend(named.filter(|(_, grade)| *grade >= NAMED_GRADE).map(|(word, _)| word));
    asked
}

/// Variants of one product together, each compared with the best of them.
fn families(items: Vec<Item>) -> Vec<Vec<Item>> {
    let mut families: Vec<Vec<Item>> = Vec::new();
    for item in items {
        let known = families
            .iter_mut()
            .find(|family| family.first().is_some_and(|first| are_variants(first, &item)));
        match known {
            Some(family) => family.push(item),
            None => families.push(vec![item]),
        }
    }
    families
}

fn are_variants(a: &Item, b: &Item) -> bool {
    let (Some(one), Some(other)) = (&a.hit.chunk.document.product, &b.hit.chunk.document.product) else {
        return false;
    };
    !a.title.key.is_empty()
        && a.title.key == b.title.key
        && agree(one, other, |row| row.category.as_deref())
        && agree(one, other, |row| row.brand.as_deref())
        && shared_part(&a.body, &b.body) >= SAME_TEXT
}

fn agree<'a>(a: &'a ProductRow, b: &'a ProductRow, field: fn(&'a ProductRow) -> Option<&'a str>) -> bool {
    match (field(a), field(b)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

/// The share of the larger set that both have; 1 of empty ones.
fn shared_part(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let larger = a.len().max(b.len());
    if larger == 0 {
        return 1.0;
    }
    a.intersection(b).count() as f64 / larger as f64
}

/// The family's hits that stay, each with those that were not asked for beside it.
fn led(mut family: Vec<Item>) -> Vec<Group> {
    family.sort_by(|a, b| {
        let by_name = b.is_named.cmp(&a.is_named).then(b.satisfies.cmp(&a.satisfies));
        by_name
            .then(b.matched.len().cmp(&a.matched.len()))
            .then(a.place.cmp(&b.place))
    });
    let mut groups: Vec<Group> = Vec::new();
    for item in family {
        let stands_for = |group: &&mut Group| !item.is_named && item.matched.is_subset(&group.lead.matched);
        match groups.iter_mut().find(stands_for) {
            Some(group) => group.others.push(item),
            None => groups.push(Group {
                lead: item,
                others: Vec::new(),
            }),
        }
    }
    groups
}

impl Group {
    fn listed(mut self) -> Hit {
        self.others.sort_by(|a, b| {
            let (a, b) = (&a.hit, &b.hit);
            let by_score = b.score.total_cmp(&a.score);
            by_score.then_with(|| a.chunk.document.key.cmp(&b.chunk.document.key))
        });
        let mut lead = self.lead.hit;
        let row = lead.chunk.document.product.clone().unwrap_or_default();
        let others = self.others.into_iter();
        lead.variants = others.map(|item| variant(item.hit, &row)).collect();
        lead
    }
}

/// A hit as a variant of the product that `lead` is the row of.
fn variant(hit: Hit, lead: &ProductRow) -> Variant {
    let document = hit.chunk.document;
    let row = document.product.unwrap_or_default();
    let is_other = |(name, value): &(String, String)| lead.attributes.get(name) != Some(value);
    let differences: BTreeMap<String, String> = row.attributes.into_iter().filter(is_other).collect();
    Variant {
        source_id: document.key.source_id,
        title: document.title,
        url: document.url,
        price: row.price,
        in_stock: row.in_stock,
        differences,
    }
}

#[cfg(test)]
mod tests {
    use super::Wanted;
    use super::grouped;
    use crate::domain::id::ChunkId;
    use crate::domain::id::DocumentId;
    use crate::domain::knowledge::Chunk;
    use crate::domain::knowledge::ChunkPlace;
    use crate::domain::knowledge::Document;
    use crate::domain::knowledge::ProductRow;
    use crate::domain::knowledge::SourceKey;
    use crate::domain::knowledge::SourceType;
    use crate::domain::search::Hit;

    const TEXT: &str = "Мягкая ткань из хлопка, прямой крой, двойная строчка по низу.";

    /// Hits with these titles and texts, each scoring less than the one before; the document's id is the place from 1.
    fn hits(products: &[(&str, &str)]) -> Vec<Hit> {
        let hits = (1..).zip(products).map(|(id, (title, text))| Hit {
            chunk: Chunk {
                id: ChunkId(id),
                document: Document {
                    id: DocumentId(id),
                    key: SourceKey {
                        source_type: SourceType::Product,
                        source_id: id.to_string(),
                    },
                    title: (*title).to_owned(),
                    url: None,
                    product: Some(ProductRow::default()),
                },
                text: format!("{title}\n{text}"),
                place: ChunkPlace::default(),
            },
            score: 1.0 / (id as f64 + 1.0),
            variants: Vec::new(),
        });
        hits.collect()
    }

    /// The ids of the hits, each with those of its variants.
    fn listed(products: &[(&str, &str)], wanted: &Wanted) -> Vec<String> {
        let listed = grouped(hits(products), wanted).into_iter().map(|hit| {
            let variants = hit
                .variants
                .into_iter()
                .map(|variant| format!("+{}", variant.source_id));
            hit.chunk.document.key.source_id + &variants.collect::<String>()
        });
        listed.collect()
    }

    fn asking(question: &str) -> Wanted {
        Wanted {
            question: question.to_owned(),
            ..Wanted::default()
        }
    }

    const SHIRTS: &[(&str, &str)] = &[
        ("Футболка «Ясень» красная L", TEXT),
        ("Кепка «Ясень»", TEXT),
        ("Футболка «Ясень» синяя S", TEXT),
        ("Футболка «Ясень» синяя L", TEXT),
    ];

    #[test]
    fn the_best_variant_stands_for_the_others() {
        assert_eq!(listed(SHIRTS, &asking("футболка")), ["1+3+4", "2"]);
    }

    #[test]
    fn the_variant_that_was_asked_for_stands_first() {
        assert_eq!(listed(SHIRTS, &asking("синяя футболка L")), ["4+1+3", "2"]);
        assert_eq!(listed(SHIRTS, &asking("blue T-shirt")), ["3+1+4", "2"]);
        let satisfying = Wanted {
            satisfying: [DocumentId(3)].into(),
            ..asking("футболка")
        };
        assert_eq!(listed(SHIRTS, &satisfying), ["3+1+4", "2"]);
    }

    #[test]
    fn what_was_asked_for_is_not_hidden() {
        assert_eq!(listed(SHIRTS, &asking("красная или синяя")), ["1", "2", "3+4"]);
        let named = Wanted {
            named: [DocumentId(3), DocumentId(4)].into(),
            ..Wanted::default()
        };
        assert_eq!(listed(SHIRTS, &named), ["3+1", "2", "4"]);
    }

    #[test]
    fn products_that_only_look_alike_stay_apart() {
        let other = "Плотная шерсть, капюшон и карман, рукав реглан.";
        for (one, two) in [
            (("Футболка «Ясень» синяя", TEXT), ("Футболка «Ясень» красная", other)),
            (("Рюкзак «Ручей 30»", TEXT), ("Рюкзак «Ручей 45»", TEXT)),
            (("Синий", TEXT), ("Красный", TEXT)),
        ] {
            assert_eq!(listed(&[one, two], &asking("что есть")), ["1", "2"], "{}", one.0);
        }
    }
}
