//! What stands on most pages of a site and belongs to none of them: menus, footers, banners about cookies.

use crate::knowledge::item::Content;
use crate::knowledge::parsing::sink::ParsedItem;
use crate::knowledge::section::Block;
use crate::text::contacts::replaced;
use std::collections::HashMap;
use std::collections::HashSet;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

/// On fewer pages nothing can be told to repeat.
const MIN_PAGES: usize = 4;

/// Blocks that stand on more than half of the pages.
#[derive(Debug, Default)]
pub struct Repetition(HashSet<u64>);

impl Repetition {
    /// From the hashes of each page's blocks, none twice.
    pub fn of<'a>(pages: impl Iterator<Item = &'a [u64]>) -> Repetition {
        let mut counts: HashMap<u64, usize> = HashMap::new();
        let mut with_text = 0;
        for blocks in pages.filter(|blocks| !blocks.is_empty()) {
            with_text += 1;
            blocks.iter().for_each(|block| *counts.entry(*block).or_default() += 1);
        }
        if with_text < MIN_PAGES {
            return Repetition::default();
        }
        let repeated = counts.into_iter().filter(|(_, count)| 2 * count > with_text);
        Repetition(repeated.map(|(block, _)| block).collect())
    }

    fn covers(&self, block: &Block) -> bool {
        !self.0.is_empty() && self.0.contains(&hash_of(&block.text()))
    }
}

/// Of the blocks of a page's texts, none twice. The same for the length of a run of the program.
pub fn block_hashes(items: &[ParsedItem]) -> Vec<u64> {
    let mut hashes: Vec<u64> = Vec::new();
    for parsed in items {
        if let Content::Document { sections, .. } = &parsed.item.content {
            let blocks = sections.iter().flat_map(|section| &section.blocks);
            hashes.extend(blocks.map(|block| hash_of(&block.text())));
        }
    }
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// Of a text, whatever its spaces and capitals.
pub fn hash_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    for word in text.split_whitespace() {
        word.to_lowercase().hash(&mut hasher);
    }
    hasher.finish()
}

/// Leaves out what repeats. How to reach the shop stays on the first page: a strip with the telephone is often all that a site tells.
pub fn without_repeated(items: &mut [ParsedItem], repetition: &Repetition, is_first: bool) {
    keep_blocks(items, |block| {
        !repetition.covers(block) || is_first && has_contact(&block.text())
    });
}

/// Leaves out of a page's text what its questions and answers say.
pub fn without_answers(items: &mut [ParsedItem]) {
    let mut said = HashSet::new();
    for parsed in items.iter() {
        if let Content::Faq { question, answer } = &parsed.item.content {
            let lines = answer.lines().filter(|line| !line.trim().is_empty());
            said.extend([hash_of(question), hash_of(answer)]);
            said.extend(lines.map(hash_of));
        }
    }
    if !said.is_empty() {
        keep_blocks(items, |block| !said.contains(&hash_of(&block.text())));
    }
}

fn has_contact(text: &str) -> bool {
    replaced(text, "", "") != text
}

fn keep_blocks(items: &mut [ParsedItem], is_kept: impl Fn(&Block) -> bool) {
    for parsed in items {
        if let Content::Document { sections, .. } = &mut parsed.item.content {
            for section in sections.iter_mut() {
                section.blocks.retain(&is_kept);
            }
            sections.retain(|section| !section.blocks.is_empty());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Repetition;
    use super::block_hashes;
    use super::hash_of;
    use super::without_repeated;
    use crate::domain::import::SourcePlace;
    use crate::knowledge::item::Content;
    use crate::knowledge::item::Item;
    use crate::knowledge::parsing::sink::ParsedItem;
    use crate::knowledge::section::Block;
    use crate::knowledge::section::Section;

    fn page(texts: &[&str]) -> Vec<ParsedItem> {
        let blocks = texts.iter().map(|text| Block::Text((*text).to_owned())).collect();
        let section = Section {
            blocks,
            ..Section::default()
        };
        let content = Content::Document {
            title: "x".to_owned(),
            url: None,
            sections: vec![section],
        };
        let item = Item {
            source_id: "x".to_owned(),
            content,
        };
        vec![ParsedItem {
            item,
            place: SourcePlace::default(),
            part: None,
        }]
    }

    fn texts(items: &[ParsedItem]) -> Vec<String> {
        match &items[0].item.content {
            Content::Document { sections, .. } => {
                let blocks = sections.iter().flat_map(|section| &section.blocks);
                blocks.map(Block::text).collect()
            }
            _ => Vec::new(),
        }
    }

    fn repetition(pages: &[Vec<ParsedItem>]) -> Repetition {
        let hashes: Vec<Vec<u64>> = pages.iter().map(|page| block_hashes(page)).collect();
        Repetition::of(hashes.iter().map(Vec::as_slice))
    }

    #[test]
    fn what_stands_on_most_pages_is_left_out_and_the_telephone_stays_once() {
        let mut pages: Vec<_> = ["один", "два", "три", "четыре", "пять"]
            .iter()
            .map(|own| page(&["Мы используем куки", own, "Тел. 8 800 555-35-35", "на двух"]))
            .collect();
        for page in pages.iter_mut().skip(2) {
            if let Content::Document { sections, .. } = &mut page[0].item.content {
                sections[0].blocks.pop();
            }
        }
        let repetition = repetition(&pages);
        for (at, page) in pages.iter_mut().enumerate() {
            without_repeated(page, &repetition, at == 0);
        }
        assert_eq!(texts(&pages[0]), ["один", "Тел. 8 800 555-35-35", "на двух"]);
        assert_eq!(texts(&pages[1]), ["два", "на двух"]);
        assert_eq!(texts(&pages[4]), ["пять"]);
    }

    #[test]
    fn on_a_few_pages_nothing_repeats() {
        let pages = vec![page(&["то же"]), page(&["то же"]), page(&["то же"])];
        let mut first = pages[0].clone();
        without_repeated(&mut first, &repetition(&pages), false);
        assert_eq!(texts(&first), ["то же"]);
        assert_eq!(hash_of(" А  б "), hash_of("а Б"));
    }
}
