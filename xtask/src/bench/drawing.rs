//! What pictures share: SVG that needs no script, and follows the reader's choice of light or dark.

use std::fmt::Write;

/// Colours on light and on dark: each can be told from its neighbours by who sees no colours, as they
/// differ in lightness.
pub const COLOURS: [[&str; 2]; 8] = [
    ["#0b6e4f", "#3fbf8f"],
    ["#a63d40", "#e57373"],
    ["#e0a030", "#f2c14e"],
    ["#5b5ea6", "#8f92e0"],
    ["#9aa0a6", "#6b7075"],
    ["#2f7fbf", "#64b5f6"],
    ["#7a4b2a", "#c99a78"],
    ["#b0559b", "#e39ad2"],
];

/// How wide pictures are.
pub const WIDTH: f64 = 860.0;

/// A picture that grows element by element.
pub struct Drawing {
    svg: String,
}

impl Drawing {
    /// An empty one with a heading. `rules` are those of its own, for either theme.
    pub fn new(title: &str, height: f64, rules: fn(usize, [&str; 2]) -> String) -> Self {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
             role=\"img\" aria-labelledby=\"title\">\n<title id=\"title\">{}</title>\n{}",
            escaped(title),
            style(rules)
        );
        let mut drawing = Self { svg };
        drawing.line(&format!("<rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\"/>"));
        drawing.text("heading", 16.0, 28.0, title);
        drawing
    }

    /// Adds an element.
    pub fn line(&mut self, element: &str) {
        self.svg.push_str(element);
        self.svg.push('\n');
    }

    /// Adds text.
    pub fn text(&mut self, class: &str, x: f64, y: f64, content: &str) {
        let content = escaped(content);
        self.line(&format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{content}</text>"));
    }

    /// What is to be kept in a file.
    pub fn svg(mut self) -> String {
        self.line("</svg>");
        self.svg
    }
}

fn style(own: fn(usize, [&str; 2]) -> String) -> String {
    let rules = |theme: usize, [ground, ink, faint]: [&str; 3]| {
        let mut rules = format!(
            ".ground{{fill:{ground}}}text{{fill:{ink}}}.axis{{stroke:{faint};stroke-width:1}}"
        );
        for (place, colours) in COLOURS.iter().enumerate() {
            write!(rules, "{}", own(place, [colours[theme], ground])).expect("a string takes it");
        }
        rules
    };
    format!(
        "<style>\ntext{{font:14px system-ui,sans-serif}}.heading{{font-weight:600;font-size:16px}}\
         .figure{{font-variant-numeric:tabular-nums}}.small{{font-size:12px}}.end{{text-anchor:end}}\
         .middle{{text-anchor:middle}}\n{}\n\
         @media (prefers-color-scheme:dark){{{}}}\n</style>\n",
        rules(0, ["#ffffff", "#1b1f23", "#d0d7de"]),
        rules(1, ["#0d1117", "#e6edf3", "#30363d"])
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
