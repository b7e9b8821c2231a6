//! The escaper of Python templates: text becomes a string literal.

use std::fmt;

use askama::filters::Escaper;

use super::python::literal;

#[derive(Debug, Clone, Copy)]
pub struct PythonLiteral;

impl Escaper for PythonLiteral {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        dest.write_str(&literal::string(string))
    }
}
