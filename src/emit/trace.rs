//! Text that remembers which of its lines are which part of the graph. The printer notes it while it prints, and templates
//! pass it on, so that nobody has to read the output again to explain it.

use std::cell::{Cell, RefCell};
use std::fmt::{self, Display, Write};
use std::ops::Range;
use std::sync::Arc;

use askama::Template;

use crate::origin::{Origin, Value};
pub use crate::stack::resource::Place;

/// What lines are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A resource: its call, its name, and how others get at it.
    Resource(Place),
    /// An argument of it, by number.
    Argument(Place, usize),
    /// Its options: parent, edges, order of replacement.
    Options(Place),
    /// A family's table or loop.
    Family { block: usize },
    /// A row of the table, on one line.
    Row { block: usize, row: usize },
    /// First or last line of a row that needs more lines.
    RowFrame { block: usize, row: usize },
    /// One cell of such a row.
    Cell {
        block: usize,
        row: usize,
        cell: usize,
    },
    /// What several resources have in common, printed once.
    Shared(Arc<[Owner]>, SharedLine),
    /// A value of the environment in a template.
    Value(Origin),
}

/// One of the resources that share lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// Number of the component.
    pub component: usize,
    pub place: Place,
}

/// What a shared line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedLine {
    Resource,
    /// An argument that has the same value for all.
    Argument(&'static str),
    /// An argument that each gives by itself.
    Given(&'static str),
    Options,
}

/// Lines of a file, numbered from 0, and what they are. Where marks overlap, the one with fewer lines says more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub lines: Range<usize>,
    pub part: Part,
}

/// Whole lines of text with their marks.
#[derive(Debug, Default)]
pub struct Traced {
    pub text: String,
    pub marks: Vec<Mark>,
    lines: usize,
}

impl Traced {
    /// Lines that are nothing but themselves.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.lines += newlines(text);
    }

    /// Whole lines that are this part.
    pub fn mark(&mut self, part: Part, text: &str) {
        self.print(part, |out| out.push_str(text));
    }

    /// Whole lines that hold several values of the environment.
    pub fn mark_all<'o>(&mut self, origins: impl IntoIterator<Item = &'o Origin>, text: &str) {
        let lines = self.lines..self.lines + newlines(text);
        self.push(text);
        self.marks.extend(origins.into_iter().map(|origin| Mark {
            lines: lines.clone(),
            part: Part::Value(origin.clone()),
        }));
    }

    /// Whole lines that are this part, as `print` appends them.
    pub fn print(&mut self, part: Part, print: impl FnOnce(&mut String)) {
        let (start, before) = (self.lines, self.text.len());
        print(&mut self.text);
        self.lines += newlines(&self.text[before..]);
        let lines = start..self.lines;
        self.marks.push(Mark { lines, part });
    }
}

fn shifted(marks: &[Mark], by: usize) -> impl Iterator<Item = Mark> {
    marks.iter().map(move |mark| Mark {
        lines: mark.lines.start + by..mark.lines.end + by,
        part: mark.part.clone(),
    })
}

fn newlines(text: &str) -> usize {
    memchr::memchr_iter(b'\n', text.as_bytes()).count()
}

/// Renders a template, counts its lines, and collects the marks of what it places.
#[derive(Debug, Default)]
pub struct Page {
    line: Cell<usize>,
    marks: RefCell<Vec<Mark>>,
}

impl Page {
    /// Text that shifts its marks to where the template puts it.
    pub fn text<'p>(&'p self, text: &'p Traced) -> Placed<'p> {
        Placed {
            page: self,
            text: &text.text,
            marks: &text.marks,
            origin: None,
        }
    }

    /// A value of the environment.
    pub fn set<'p>(&'p self, value: &'p Value<String>) -> Placed<'p> {
        self.value(&value.value, &value.origin)
    }

    /// A text that marks the line on which the template puts it.
    pub fn value<'p>(&'p self, text: &'p str, origin: &'p Origin) -> Placed<'p> {
        Placed {
            page: self,
            text,
            marks: &[],
            origin: Some(origin),
        }
    }

    pub fn render(&self, template: &impl Template) -> anyhow::Result<(String, Vec<Mark>)> {
        let mut writer = Counter {
            page: self,
            text: String::with_capacity(4096),
        };
        template.render_into(&mut writer)?;
        Ok((writer.text, self.marks.take()))
    }
}

struct Counter<'p> {
    page: &'p Page,
    text: String,
}

impl Write for Counter<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.push_str(text);
        self.page.line.set(self.page.line.get() + newlines(text));
        Ok(())
    }
}

/// What a template places: it is formatted when the template has written everything before it.
#[derive(Debug)]
pub struct Placed<'p> {
    page: &'p Page,
    text: &'p str,
    marks: &'p [Mark],
    origin: Option<&'p Origin>,
}

impl Display for Placed<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.page.line.get();
        let mut marks = self.page.marks.borrow_mut();
        marks.extend(shifted(self.marks, line));
        marks.extend(self.origin.map(|origin| Mark {
            lines: line..line + newlines(self.text) + 1,
            part: Part::Value(origin.clone()),
        }));
        out.write_str(self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Template)]
    #[template(source = "head\n\n{{ body }}{{ value }}\n", ext = "txt")]
    struct Wrapped<'p> {
        body: Placed<'p>,
        value: Placed<'p>,
    }

    #[test]
    fn marks_move_with_the_text_into_a_template() {
        let mut body = Traced::default();
        body.push("before\nfirst\n");
        body.mark(Part::Family { block: 7 }, "second\nthird\n");
        let origin = Origin::Fixed("NET-1");
        let page = Page::default();
        let (text, marks) = page
            .render(&Wrapped {
                body: page.text(&body),
                value: page.value("last", &origin),
            })
            .unwrap();
        assert_eq!(text, "head\n\nbefore\nfirst\nsecond\nthird\nlast\n");
        assert_eq!(
            marks,
            [
                Mark {
                    lines: 4..6,
                    part: Part::Family { block: 7 }
                },
                Mark {
                    lines: 6..7,
                    part: Part::Value(origin)
                },
            ]
        );
    }
}
