//! Contributor insights: on which tables and indexes they are. Their figures are CloudWatch's.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights.html>

use virga_api::dynamodb as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Read, Write};

use crate::error::Error;
use crate::records::{Details, Insights, Table};
use crate::rules::TableAddress;
use crate::{keys, table};

/// Tables in a page of a listing, when nothing is said.
const PAGE: i32 = 100;

fn index_id(table: &Table, name: Option<&str>) -> Result<u32, Error> {
    let Some(name) = name else { return Ok(keys::TABLE_ITSELF) };
    let index = table.indexes.iter().find(|index| index.is_global && index.name == name);
    index.map(|index| index.id).ok_or_else(|| Error::ResourceNotFound {
        reason: format!("Requested resource not found: Index: {name} not found"),
    })
}

/// Enables or disables contributor insights.
pub(crate) fn update_contributor_insights(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateContributorInsightsInput,
) -> Result<api::UpdateContributorInsightsOutput, Error> {
    let at = TableAddress::parse(ctx, input.table_name())?;
    let table = table::find(txn, at)?;
    let mut details = table::details(txn, &table)?;
    let id = index_id(&table, input.index_name())?;
    let is_enabled = input.contributor_insights_action() == api::contributor_insights_action::ENABLE;
    let mode = input.contributor_insights_mode();
    let mode = mode.unwrap_or(api::contributor_insights_mode::ACCESSED_AND_THROTTLED_KEYS).to_owned();
    let answer = api::UpdateContributorInsightsOutput::new()
        .with_table_name(at.name)
        .with_index_name(input.index_name());
    let known = details.insights.get(&id);
    let is_settled = match known {
        Some(known) => known.is_enabled == is_enabled && (!is_enabled || known.mode == mode),
        None => !is_enabled,
    };
    if is_settled {
        return Ok(answer
            .with_contributor_insights_status(status(known))
            .with_contributor_insights_mode(known.map(|known| known.mode.as_str())));
    }
    details.insights.insert(id, Insights { is_enabled, mode: mode.clone(), changed: ctx.now().micros() });
    txn.put(&keys::details(&table), &details)?;
    let status = if is_enabled {
        api::contributor_insights_status::ENABLING
    } else {
        api::contributor_insights_status::DISABLING
    };
    Ok(answer.with_contributor_insights_status(status).with_contributor_insights_mode(mode))
}

fn status(known: Option<&Insights>) -> &'static str {
    match known {
        Some(known) if known.is_enabled => api::contributor_insights_status::ENABLED,
        _ => api::contributor_insights_status::DISABLED,
    }
}

/// Shows whether contributor insights are enabled.
pub(crate) fn describe_contributor_insights(
    ctx: &Ctx,
    txn: &Read,
    input: &api::DescribeContributorInsightsInput,
) -> Result<api::DescribeContributorInsightsOutput, Error> {
    let at = TableAddress::parse(ctx, input.table_name())?;
    let table = table::find(txn, at)?;
    let details = table::details(txn, &table)?;
    let id = index_id(&table, input.index_name())?;
    let known = details.insights.get(&id);
    let output = api::DescribeContributorInsightsOutput::new()
        .with_table_name(at.name)
        .with_index_name(input.index_name())
        .with_contributor_insights_status(status(known));
    let Some(known) = known else { return Ok(output) };
    let rules = known.is_enabled.then(|| rules(at.name, &known.mode, details.created));
    Ok(output
        .with_contributor_insights_rule_list(rules)
        .with_contributor_insights_mode(&known.mode)
        .with_last_update_date_time(Timestamp::from_micros(known.changed)))
}

/// The rules that AWS makes in CloudWatch.
fn rules(table: &str, mode: &str, created: i64) -> Vec<String> {
    let kinds: &[&str] = match mode {
        api::contributor_insights_mode::THROTTLED_KEYS => &["PKT", "SKT"],
        _ => &["PKC", "SKC", "PKT", "SKT"],
    };
    kinds
        .iter()
        .map(|kind| format!("DynamoDBContributorInsights-{kind}-{table}-{}", created / 1000))
        .collect()
}

/// Lists the tables and indexes on which contributor insights are enabled.
pub(crate) fn list_contributor_insights(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListContributorInsightsInput,
) -> Result<api::ListContributorInsightsOutput, Error> {
    use virga_store::Reader as _;
    let limit = usize::try_from(input.max_results().filter(|most| *most > 0).unwrap_or(PAGE)).unwrap_or(0);
    let mut range = keys::tables(ctx.account(), ctx.region());
    if let Some(last) = input.next_token() {
        range = range.after(last);
    }
    let named = input.table_name().map(|name| TableAddress::parse(ctx, name)).transpose()?;
    let (mut summaries, mut next) = (Vec::new(), None);
    for (key, table) in txn.scan(&range, Direction::Forward, usize::MAX)? {
        let (_, _, name): (String, String, String) = key.parts()?;
        if named.is_some_and(|named| named.name != name) {
            continue;
        }
        let details = table::details(txn, &table)?;
        summaries.extend(summaries_of(&name, &table, &details));
        if summaries.len() >= limit {
            next = Some(name);
            break;
        }
    }
    Ok(api::ListContributorInsightsOutput::new()
        .with_contributor_insights_summaries(summaries)
        .with_next_token(next))
}

fn summaries_of(name: &str, table: &Table, details: &Details) -> Vec<api::ContributorInsightsSummary> {
    let summary = |(id, known): (&u32, &Insights)| {
        let index = table.indexes.iter().find(|index| index.id == *id).map(|index| index.name.as_str());
        api::ContributorInsightsSummary::new()
            .with_table_name(name)
            .with_index_name(index)
            .with_contributor_insights_status(status(Some(known)))
            .with_contributor_insights_mode(&known.mode)
    };
    details.insights.iter().filter(|(_, known)| known.is_enabled).map(summary).collect()
}
