//! The Rust source of one service's types.

use std::collections::HashSet;
use std::fmt::{Result, Write as _};

use virga_model_compiler::definition::{Member, Operation, Service, Shape};
use virga_model_compiler::layout::{kind, member_flag, shape_flag};

use crate::names::{Taken, identifier, snake, type_name};

/// Source of the service's module.
pub(crate) fn generate(service: &Service) -> std::result::Result<String, std::fmt::Error> {
    let mut generator = Generator::new(service);
    generator.header()?;
    generator.structures()?;
    generator.operations()?;
    generator.errors()?;
    generator.enums()?;
    Ok(generator.source)
}

struct Generator<'a> {
    service: &'a Service,
    /// Type name of each structure, by number of the shape.
    types: Vec<Option<String>>,
    taken: Taken,
    source: String,
}

impl<'a> Generator<'a> {
    fn new(service: &'a Service) -> Self {
        let used: HashSet<usize> =
            service.shapes.iter().flat_map(|shape| &shape.members).map(|member| member.shape).collect();
        let mut taken = Taken::default();
        let types = service
            .shapes
            .iter()
            .enumerate()
            .map(|(index, shape)| {
                let wanted = used.contains(&index) || !is_only_a_message(service, shape);
                (shape.kind == kind::STRUCTURE && wanted).then(|| taken.take(&type_name(&shape.name)))
            })
            .collect();
        Generator { service, types, taken, source: String::new() }
    }

    fn header(&mut self) -> Result {
        writeln!(self.source, "use crate::names::*;")?;
        writeln!(self.source, "use view::set;")?;
        writeln!(self.source, "/// The model of the service.")?;
        writeln!(self.source, "pub const fn model() -> virga_model::Service {{")?;
        writeln!(
            self.source,
            "    virga_model::embedded::{}",
            self.service.name.to_uppercase().replace('-', "_")
        )?;
        writeln!(self.source, "}}")?;
        writeln!(self.source, "/// What structures and operations of the service share.")?;
        writeln!(self.source, "pub mod view {{ virga_model::views!(super::model); }}")
    }

    /// A structure is a marker with its number and a name for the view that the marker selects.
    fn structures(&mut self) -> Result {
        let service = self.service;
        writeln!(self.source, "/// Markers: a type per structure, the parameter of [`view::View`].")?;
        writeln!(self.source, "pub mod structure {{")?;
        writeln!(self.source, "    use virga_model::view::Marker as Marker_;")?;
        for (index, (shape, name)) in service.shapes.iter().zip(&self.types).enumerate() {
            let Some(name) = name else { continue };
            writeln!(self.source, "    /// `{}`.", shape.name)?;
            writeln!(self.source, "    pub enum {name} {{}}")?;
            writeln!(self.source, "    impl Marker_ for {name} {{ const SHAPE: u32 = {index}; }}")?;
        }
        writeln!(self.source, "}}")?;
        for (index, shape) in service.shapes.iter().enumerate() {
            let Some(name) = self.types[index].clone() else { continue };
            writeln!(self.source, "/// `{}`.", shape.name)?;
            writeln!(self.source, "pub type {name} = view::View<structure::{name}>;")?;
            if !shape.members.is_empty() {
                self.members(&name, shape)?;
            }
        }
        Ok(())
    }

    fn members(&mut self, name: &str, shape: &Shape) -> Result {
        writeln!(self.source, "impl {name} {{")?;
        let mut taken = Taken::default();
        taken.take("new");
        for (ordinal, member) in shape.members.iter().enumerate() {
            let Some(types) = self.member_types(member) else { continue };
            let snake = snake(&member.name);
            let getter = taken.take(&identifier(&snake));
            let setter = taken.take(&format!("with_{}", snake.trim_start_matches('_')));
            let required = member.flags & member_flag::REQUIRED != 0;
            let (call, returns) = if required {
                ("required", types.read.clone())
            } else {
                ("optional", format!("Option_<{}>", types.read))
            };
            let wanted = if required { "required " } else { "" };
            writeln!(self.source, "    /// `{}`, {wanted}{}.", member.name, types.doc)?;
            writeln!(
                self.source,
                "    #[inline] pub fn {getter}(&self) -> {returns} {{ {call}(&self.0, {ordinal}) }}"
            )?;
            writeln!(self.source, "    /// Sets `{}`.", member.name)?;
            writeln!(
                self.source,
                "    pub fn {setter}(self, value: impl Put_<{}>) -> Self {{ set(self, {ordinal}, value) }}",
                types.put
            )?;
        }
        writeln!(self.source, "}}")
    }

    /// Types of a member's accessor and setter; none for what travels beside the record.
    fn member_types(&self, member: &Member) -> Option<Types> {
        let beside = member.flags & member_flag::STREAMING != 0
            || self.service.shapes[member.shape].flags & shape_flag::EVENT_STREAM != 0;
        (!beside).then(|| self.types_of(member.shape))
    }

    fn types_of(&self, index: usize) -> Types {
        let shape = &self.service.shapes[index];
        let plain =
            |read: &str, put: &str, doc: &str| Types { read: read.into(), put: put.into(), doc: doc.into() };
        match shape.kind {
            kind::STRUCTURE => {
                let name = self.types[index].clone().unwrap_or_default();
                Types { read: format!("&{name}"), doc: format!("structure `{}`", shape.name), put: name }
            }
            kind::LIST => {
                let element = self.types_of(shape.members[0].shape);
                Types {
                    read: format!("List_<'_, {}>", element.read),
                    put: format!("ListOf_<{}>", element.put),
                    doc: format!("list of {}", element.doc),
                }
            }
            kind::MAP => {
                let value = self.types_of(shape.members[1].shape);
                Types {
                    read: format!("Entries_<'_, {}>", value.read),
                    put: format!("MapOf_<{}>", value.put),
                    doc: format!("map to {}", value.doc),
                }
            }
            kind::INTEGER => plain("i32", "i32", "integer"),
            kind::LONG => plain("i64", "i64", "long"),
            kind::FLOAT | kind::DOUBLE => plain("f64", "f64", "double"),
            kind::BOOLEAN => plain("bool", "bool", "boolean"),
            kind::TIMESTAMP => plain("Timestamp_", "Timestamp_", "timestamp"),
            kind::BLOB => plain("&Bytes_", "Bytes_", "blob"),
            kind::DOCUMENT => plain("&Document_", "Document_", "document"),
            _ if !shape.enum_values.is_empty() => {
                plain("&str", "str", &format!("one of [`{0}`](mod@{0})", snake(&shape.name)))
            }
            _ => plain("&str", "str", "string"),
        }
    }

    fn operations(&mut self) -> Result {
        let service = self.service;
        for operation in &service.operations {
            for (suffix, target) in [("Input", operation.input), ("Output", operation.output)] {
                let alias = format!("{}{suffix}", type_name(&operation.name));
                if self.type_of(target) != alias && self.taken.take(&alias) == alias {
                    writeln!(self.source, "/// {suffix} of `{}`.", operation.name)?;
                    writeln!(self.source, "pub type {alias} = {};", self.type_of(target))?;
                }
            }
        }
        writeln!(self.source, "/// The operations, as types that tie their inputs and outputs together.")?;
        writeln!(self.source, "pub mod op {{")?;
        writeln!(self.source, "    use super::view::Operation as Operation_;")?;
        for (index, operation) in service.operations.iter().enumerate() {
            self.operation(index, operation)?;
        }
        writeln!(self.source, "}}")
    }

    fn type_of(&self, shape: Option<usize>) -> String {
        shape.and_then(|index| self.types[index].clone()).unwrap_or_else(|| "Nothing_".to_owned())
    }

    fn operation(&mut self, index: usize, operation: &Operation) -> Result {
        let name = type_name(&operation.name);
        let path = |target| match target {
            Some(shape) => format!("super::{}", self.type_of(Some(shape))),
            None => "crate::Nothing".to_owned(),
        };
        let (input, output) = (path(operation.input), path(operation.output));
        writeln!(self.source, "    /// `{}`.", operation.name)?;
        writeln!(self.source, "    pub type {name} = Operation_<{input}, {output}, {index}>;")
    }

    fn errors(&mut self) -> Result {
        writeln!(self.source, "/// The service's errors.")?;
        writeln!(self.source, "pub mod error {{")?;
        let mut taken = Taken::default();
        for (index, shape) in self.service.shapes.iter().enumerate() {
            if shape.flags & shape_flag::EXCEPTION == 0 {
                continue;
            }
            let function = taken.take(&identifier(&snake(&shape.name)));
            writeln!(self.source, "    /// `{}`.", shape.name)?;
            writeln!(
                self.source,
                "    pub fn {function}(message: impl ::core::convert::Into<virga_model::Text>) -> virga_model::ApiError {{"
            )?;
            writeln!(
                self.source,
                "        virga_model::ApiError::modelled(super::model().shape_at({index}), message)"
            )?;
            writeln!(self.source, "    }}")?;
        }
        writeln!(self.source, "}}")
    }

    fn enums(&mut self) -> Result {
        let mut modules = Taken::default();
        for used in ["model", "view", "structure", "op", "error"] {
            modules.take(used);
        }
        for shape in self.service.shapes.iter().filter(|shape| !shape.enum_values.is_empty()) {
            let module = modules.take(&identifier(&snake(&shape.name)));
            writeln!(self.source, "/// Values of `{}`.", shape.name)?;
            writeln!(self.source, "pub mod {module} {{")?;
            let mut taken = Taken::default();
            taken.take("ALL");
            let mut all = Vec::new();
            for value in &shape.enum_values {
                let name = taken.take(&snake(value).to_uppercase());
                writeln!(self.source, "    /// `{value}`.")?;
                writeln!(self.source, "    pub const {name}: &str = {value:?};")?;
                all.push(name);
            }
            writeln!(self.source, "    /// All values, in the order of the model.")?;
            writeln!(self.source, "    pub const ALL: &[&str] = &[{}];", all.join(", "))?;
            writeln!(self.source, "}}")?;
        }
        Ok(())
    }
}

/// Whether a shape is an error that says nothing but its message, which the function in `error` takes.
fn is_only_a_message(service: &Service, shape: &Shape) -> bool {
    shape.flags & shape_flag::EXCEPTION != 0
        && shape.members.iter().all(|member| {
            member.name.eq_ignore_ascii_case("message") && service.shapes[member.shape].kind == kind::STRING
        })
}

/// How a member is read, what can be put into it, and what it is called in docs.
struct Types {
    read: String,
    put: String,
    doc: String,
}
