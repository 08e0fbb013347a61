//! Policy templates of product providers: a policy with `@{parameters}`, and statements that are there only when their
//! `@Enabled` parameter says so.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-temporary-delegation-partner-guide.html>

use serde_json::Value;

use crate::records::delegation::DelegationParameter;

/// The member of a statement that names the parameter which switches it on.
const ENABLED: &str = "@Enabled";

/// The policy that a template becomes with these parameters; else what is wrong with them.
pub(crate) fn render(template: &str, parameters: &[DelegationParameter]) -> Result<String, String> {
    let mut document: Value =
        serde_json::from_str(template).map_err(|_| "The policy template is malformed.".to_owned())?;
    let filling = Filling { parameters };
    if let Some(statement) = document.get_mut("Statement") {
        let given = std::mem::take(statement);
        let statements = if let Value::Array(statements) = given { statements } else { vec![given] };
        let mut kept = Vec::with_capacity(statements.len());
        for mut statement in statements {
            if filling.is_enabled(&mut statement)? {
                filling.fill(&mut statement)?;
                kept.push(statement);
            }
        }
        *statement = Value::Array(kept);
    }
    if let Some(unused) = parameters.iter().find(|parameter| !is_used(template, &parameter.name)) {
        return Err(format!("The policy template has no parameter {}.", unused.name));
    }
    Ok(document.to_string())
}

fn is_used(template: &str, name: &str) -> bool {
    // A name of `@Enabled` stands by itself, between quotes.
    template.contains(&format!("@{{{name}}}")) || template.contains(&Value::from(name).to_string())
}

struct Filling<'a> {
    parameters: &'a [DelegationParameter],
}

impl Filling<'_> {
    fn values(&self, name: &str) -> Result<&DelegationParameter, String> {
        let found = self.parameters.iter().find(|parameter| parameter.name == name);
        found.ok_or_else(|| format!("The parameter {name} of the policy template is missing."))
    }

    /// Whether a statement is there; takes the member that says so from it.
    fn is_enabled(&self, statement: &mut Value) -> Result<bool, String> {
        let switch = statement.as_object_mut().and_then(|members| members.remove(ENABLED));
        let Some(Value::String(name)) = switch else { return Ok(true) };
        Ok(self.values(&name)?.values.iter().any(|value| value.eq_ignore_ascii_case("true")))
    }

    fn fill(&self, value: &mut Value) -> Result<(), String> {
        match value {
            Value::String(text) => match &mut self.texts(text)?[..] {
                [one] => *text = std::mem::take(one),
                many => *value = many.iter().map(|text| Value::from(&**text)).collect(),
            },
            Value::Array(values) => {
                let mut filled = Vec::with_capacity(values.len());
                for mut value in std::mem::take(values) {
                    self.fill(&mut value)?;
                    match value {
                        Value::Array(many) => filled.extend(many),
                        one => filled.push(one),
                    }
                }
                *values = filled;
            }
            Value::Object(members) => {
                for value in members.values_mut() {
                    self.fill(value)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A text with its first parameter filled in, and so on; with a list, one text for each of its values.
    fn texts(&self, text: &str) -> Result<Vec<String>, String> {
        let Some((before, rest)) = text.split_once("@{") else { return Ok(vec![text.to_owned()]) };
        let Some((name, after)) = rest.split_once('}') else { return Ok(vec![text.to_owned()]) };
        let tails = self.texts(after)?;
        let values = &self.values(name)?.values;
        Ok(values
            .iter()
            .flat_map(|value| tails.iter().map(move |tail| format!("{before}{value}{tail}")))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, values: &[&str]) -> DelegationParameter {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        DelegationParameter { name: name.to_owned(), values, is_list: false }
    }

    #[test]
    fn parameters_are_filled_in() {
        let template = r#"{"Statement":[
            {"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::@{bucketName}/*","arn:aws:s3:::x"]},
            {"@Enabled":"withKeys","Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}]}"#;
        let render = |names: &[&str], keys: &str| {
            render(template, &[parameter("bucketName", names), parameter("withKeys", &[keys])])
        };
        let two = render(&["one", "two"], "false").unwrap();
        let expected = r#"{"Statement":[{"Action":"s3:GetObject","Effect":"Allow","Resource":["arn:aws:s3:::one/*","arn:aws:s3:::two/*","arn:aws:s3:::x"]}]}"#;
        assert_eq!(
            serde_json::from_str::<Value>(&two).unwrap(),
            serde_json::from_str::<Value>(expected).unwrap()
        );
        assert!(render(&["one"], "True").unwrap().contains("kms:Decrypt"));
        assert!(!render(&["one"], "True").unwrap().contains("@Enabled"));
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        let template = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"@{where}"}}"#;
        assert_eq!(
            render(template, &[]).unwrap_err(),
            "The parameter where of the policy template is missing."
        );
        let both = [parameter("where", &["*"]), parameter("other", &["1"])];
        assert_eq!(render(template, &both).unwrap_err(), "The policy template has no parameter other.");
    }
}
