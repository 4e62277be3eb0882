//! Bars.

use super::{
    drawing::{Drawing, WIDTH},
    figures::figure,
};

/// A bar, made of parts that follow each other.
pub struct Bar {
    /// What it shows, to its left.
    pub what: String,
    /// How long each part is, and which of the [`Bars::parts`] it is.
    pub parts: Vec<(usize, f64)>,
}

/// Bars on one scale.
pub struct Bars {
    /// The heading.
    pub title: String,
    /// What colours mean; as many as there are colours, at most.
    pub parts: Vec<&'static str>,
    /// The bars, from above.
    pub bars: Vec<Bar>,
    /// The unit of all lengths.
    pub unit: &'static str,
}

const LABELS: f64 = 300.0;
/// Room behind the longest bar for its figure.
const FIGURES: f64 = 80.0;
const LINE: f64 = 34.0;
const HEAD: f64 = 84.0;
const THICKNESS: f64 = 20.0;
/// The least width that can be seen.
const HAIR: f64 = 1.0;

impl Bars {
    /// The picture.
    pub fn svg(&self) -> String {
        let height = HEAD + LINE * self.bars.len() as f64 + 10.0;
        let longest = self.bars.iter().map(Bar::length).fold(f64::MIN_POSITIVE, f64::max);
        let scale = (WIDTH - LABELS - FIGURES) / longest;
        let rule = |part, [colour, _]: [&str; 2]| format!(".part{part}{{fill:{colour}}}");
        let mut drawing = Drawing::new(&self.title, height, rule);
        let mut x = 16.0;
        for (part, name) in self.parts.iter().enumerate() {
            drawing.line(&rect(part, x, 44.0, 12.0, 12.0));
            drawing.text("label", x + 18.0, 55.0, name);
            x += 36.0 + 7.0 * name.chars().count() as f64;
        }
        for (row, bar) in self.bars.iter().enumerate() {
            let y = HEAD + LINE * row as f64;
            drawing.text("label", 16.0, y + 15.0, &bar.what);
            let mut x = LABELS;
            for (part, length) in &bar.parts {
                let width = (length.max(0.0) * scale).max(HAIR);
                drawing.line(&rect(*part, x, y, width, THICKNESS));
                x += width;
            }
            let sum = format!("{} {}", figure(bar.length()), self.unit);
            drawing.text("figure", x + 8.0, y + 15.0, &sum);
        }
        drawing.svg()
    }
}

impl Bar {
    /// A bar of one part.
    pub fn plain(what: impl Into<String>, part: usize, length: f64) -> Self {
        Self { what: what.into(), parts: vec![(part, length)] }
    }

    fn length(&self) -> f64 {
        self.parts.iter().map(|(_, length)| length.max(0.0)).sum()
    }
}

fn rect(part: usize, x: f64, y: f64, width: f64, height: f64) -> String {
    format!(
        "<rect class=\"part{part}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
    )
}

#[cfg(test)]
mod tests {
    use super::{Bar, Bars};

    fn picture() -> String {
        Bars {
            title: "RwLock<&'static [u8]>".to_owned(),
            parts: vec!["one", "another"],
            bars: vec![
                Bar { what: "long".to_owned(), parts: vec![(0, 300.0), (1, 100.0)] },
                Bar::plain("short", 1, 200.0),
                Bar::plain("next to nothing", 1, 0.001),
            ],
            unit: "ns",
        }
        .svg()
    }

    /// The widths of what is drawn in the colour of a part, the legend's first.
    fn widths(part: &str) -> Vec<f64> {
        let svg = picture();
        let of_part = svg.lines().filter(|line| line.contains(&format!("class=\"{part}\"")));
        let width = |line: &str| line.split("width=\"").nth(1)?.split('"').next()?.parse().ok();
        of_part.filter_map(width).collect()
    }

    #[test]
    fn lengths_are_on_one_scale() {
        assert_eq!(widths("part0"), [12.0, 360.0]);
        assert_eq!(widths("part1"), [12.0, 120.0, 240.0, 1.0]);
    }

    #[test]
    fn it_is_light_or_dark_without_a_script() {
        let svg = picture();
        assert!(svg.contains("@media (prefers-color-scheme:dark)"), "{svg}");
        for never in ["<script", "href=", "onload="] {
            assert!(!svg.contains(never), "{never}: {svg}");
        }
    }

    #[test]
    fn text_is_escaped() {
        let svg = picture();
        assert!(svg.contains("RwLock&lt;&amp;'static [u8]&gt;</text>"), "{svg}");
        assert_eq!(svg.matches("<svg").count(), svg.matches("</svg>").count());
    }
}
