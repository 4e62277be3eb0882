//! Which modules of its own crate a source names: what follows `crate::` and `super::`.
//!
//! Tokens are looked at, not syntax, so that the inside of a macro counts, too; comments and strings
//! don't.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// A path into the crate that a source names.
pub struct Import {
    /// The line that it starts on.
    pub line: usize,
    /// Its first name below the crate's root: a module, or an item of the root. `*` is all of them.
    pub name: String,
}

/// All that the source of `module`, a path from the root, names of its crate.
pub fn imports(source: &str, module: &[&str]) -> Vec<Import> {
    let mut found = Vec::new();
    collect(&tokens(source), module, &mut found);
    found
}

fn collect(tokens: &[TokenTree], module: &[&str], found: &mut Vec<Import>) {
    for (at, token) in tokens.iter().enumerate() {
        let rest = &tokens[at + 1..];
        match token {
            TokenTree::Group(group) => {
                let inside: Vec<_> = group.stream().into_iter().collect();
                match inline_module(&tokens[..at]) {
                    Some(name) => collect(&inside, &[module, &[&name]].concat(), found),
                    None => collect(&inside, module, found),
                }
            }
            // A `super` that follows another one has been counted with the first.
            TokenTree::Ident(ident) if !ends_in_colons(&tokens[..at]) => {
                let line = ident.span().start().line;
                let named = match ident.to_string().as_str() {
                    "crate" => after_colons(rest).map(|rest| first_names(&[], rest)),
                    "super" => after_colons(rest).map(|rest| above(module, rest)),
                    _ => None,
                };
                found.extend(named.into_iter().flatten().map(|name| Import { line, name }));
            }
            _ => {}
        }
    }
}

/// The name of the module whose body follows.
fn inline_module(before: &[TokenTree]) -> Option<String> {
    match before {
        [.., TokenTree::Ident(keyword), TokenTree::Ident(name)] if *keyword == "mod" => {
            Some(name.to_string())
        }
        _ => None,
    }
}

/// What a path names that begins with `super::`, which `rest` follows.
fn above(module: &[&str], rest: &[TokenTree]) -> Vec<String> {
    let parent = &module[..module.len().saturating_sub(1)];
    match rest {
        [TokenTree::Ident(ident), rest @ ..] if *ident == "super" => {
            after_colons(rest).map_or_else(Vec::new, |rest| above(parent, rest))
        }
        _ => first_names(parent, rest),
    }
}

/// The first names below the root of a path, or of several in braces, that goes on from `base`.
fn first_names(base: &[&str], rest: &[TokenTree]) -> Vec<String> {
    match (base, rest) {
        ([first, ..], _) => vec![(*first).to_owned()],
        ([], [TokenTree::Group(group), ..]) if group.delimiter() == Delimiter::Brace => {
            let inside: Vec<_> = group.stream().into_iter().collect();
            let paths = inside.split(|token| is_punct(token, ','));
            paths.flat_map(|path| first_names(base, path)).collect()
        }
        ([], [first, ..]) => vec![first.to_string()],
        ([], []) => Vec::new(),
    }
}

/// What the root of a crate has from elsewhere: name by name, the first name of the path after `use`.
pub fn reexports(root: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let tokens = tokens(root);
    for (at, token) in tokens.iter().enumerate() {
        if matches!(token, TokenTree::Ident(ident) if *ident == "use") {
            let end = tokens[at..].iter().position(|token| is_punct(token, ';'));
            leaves(None, &tokens[at + 1..at + end.unwrap_or(1)], &mut found);
        }
    }
    found
}

fn leaves(first: Option<&str>, tree: &[TokenTree], found: &mut BTreeMap<String, String>) {
    for path in tree.split(|token| is_punct(token, ',')) {
        let Some(start) = path.first() else { continue };
        let start = start.to_string();
        let first = first.unwrap_or(&start);
        match path.last() {
            Some(TokenTree::Group(group)) => {
                leaves(Some(first), &group.stream().into_iter().collect::<Vec<_>>(), found);
            }
            Some(name) => drop(found.insert(name.to_string(), first.to_owned())),
            None => {}
        }
    }
}

fn tokens(source: &str) -> Vec<TokenTree> {
    let tokens: TokenStream = source.parse().expect("the compiler has parsed it, too");
    tokens.into_iter().collect()
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

fn after_colons(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    match tokens {
        [TokenTree::Punct(first), second, rest @ ..]
            if first.as_char() == ':'
                && first.spacing() == Spacing::Joint
                && is_punct(second, ':') =>
        {
            Some(rest)
        }
        _ => None,
    }
}

fn ends_in_colons(tokens: &[TokenTree]) -> bool {
    tokens.len() >= 2 && after_colons(&tokens[tokens.len() - 2..]).is_some()
}
