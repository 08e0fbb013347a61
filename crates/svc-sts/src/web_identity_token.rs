//! `GetWebIdentityToken`: a JSON Web Token that tells services outside who the caller is.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html>

use serde_json::{Map, Value, json};
use virga_api::{iam, sts as api};
use virga_federation::jwt::Algorithm;
use virga_iam::{Caller, Principal};
use virga_kit::{Access, Condition, Ctx, Failure, organization, web_identity_issuer};
use virga_model::view::List;
use virga_model::{Record, Timestamp, Value as Member};
use virga_store::Fault;

use crate::error::Error;
use crate::role::{self, IAM_REGION};
use crate::session::requested_tags;

/// How long a token is good when nothing is said.
const USUAL_SECONDS: i32 = 300;
/// The largest payload, in bytes. AWS does not publish its limit; tokens are to fit into a header.
const LONGEST_PAYLOAD: usize = 16 * 1024;
/// The claim that holds what is AWS's own.
const CLAIMS: &str = "https://sts.amazonaws.com/";

/// What the call needs permission for.
pub(crate) fn access(input: &Record, tags: Vec<Condition>) -> Vec<Access> {
    let text = |member: &str| match input.by_name(member) {
        Some(Member::String(text)) => Some(text.to_string()),
        Some(Member::Integer(number)) => Some(number.to_string()),
        _ => None,
    };
    let audiences = match input.by_name("Audience") {
        Some(Member::List(items)) => items.iter().filter_map(|item| match item {
            Member::String(text) => Some(text.to_string()),
            _ => None,
        }),
        _ => return vec![Access::without_resource("GetWebIdentityToken")],
    };
    let seconds = text("DurationSeconds").unwrap_or_else(|| USUAL_SECONDS.to_string());
    let mut conditions = vec![
        Condition::multivalued("sts:IdentityTokenAudience", audiences.collect()),
        Condition::new("sts:DurationSeconds", seconds),
    ];
    conditions.extend(text("SigningAlgorithm").map(|name| Condition::new("sts:SigningAlgorithm", name)));
    let tagging = (!tags.is_empty()).then_some("TagGetWebIdentityToken");
    conditions.extend(tags);
    let access = |action| Access { conditions: conditions.clone(), ..Access::without_resource(action) };
    [Some("GetWebIdentityToken"), tagging].into_iter().flatten().map(access).collect()
}

/// Makes a token.
pub(crate) async fn get_web_identity_token(
    ctx: &Ctx,
    input: &api::GetWebIdentityTokenRequest,
) -> Result<api::GetWebIdentityTokenResponse, Failure> {
    let algorithm = match input.signing_algorithm() {
        "RS256" => Algorithm::Rs256,
        "ES384" => Algorithm::Es384,
        other => {
            let reason = format!(
                "1 validation error detected: Value '{other}' at 'signingAlgorithm' failed to satisfy constraint: \
                 Member must satisfy enum value set: [RS256, ES384]"
            );
            return Err(Error::validation(reason).into());
        }
    };
    let issuer = issuer(ctx).await?;
    let now = ctx.now().secs();
    let expires = now + i64::from(input.duration_seconds().unwrap_or(USUAL_SECONDS));
    let session_ends = session_ends(ctx)?;
    if session_ends.is_some_and(|ends| expires > ends) {
        return Err(Error::SessionDurationEscalation.into());
    }
    let tags = requested_tags(input.tags(), None);
    let tags = tags.over(crate::rules::SessionTags::default())?.tags;
    let principal_tags = principal_tags(ctx).await;
    let audiences: Vec<&str> = input.audience().iter().collect();
    let claims = json!({
        "iss": issuer,
        "aud": if let [one] = audiences[..] { json!(one) } else { json!(audiences) },
        "sub": ctx.caller().identity_arn(),
        "iat": now,
        "exp": expires,
        "jti": ctx.uuid(),
        CLAIMS: own_claims(ctx, session_ends, principal_tags, tags)?,
    });
    let Value::Object(claims) = claims else { return Err(Fault::new("claims are an object").into()) };
    if json!(claims).to_string().len() > LONGEST_PAYLOAD {
        return Err(Error::JwtPayloadSizeExceeded.into());
    }
    let token = ctx
        .transact(|txn| {
            let keys = web_identity_issuer::keys(txn, &issuer)?;
            keys.sign(algorithm, &claims).map_err(|error| Fault::new(error.to_string()))
        })
        .await?;
    Ok(api::GetWebIdentityTokenResponse::new()
        .with_web_identity_token(token)
        .with_expiration(Timestamp::from_secs(expires)))
}

/// The URL of the account as an issuer, if it is one.
async fn issuer(ctx: &Ctx) -> Result<String, Error> {
    let account = ctx.caller().account;
    let input = virga_api::Nothing::new();
    let found =
        ctx.call_trusted::<iam::op::GetOutboundWebIdentityFederationInfo>(account, IAM_REGION, input).await;
    let issuer = found.ok().and_then(|output| output.issuer_identifier().map(str::to_owned));
    issuer.ok_or(Error::OutboundFederationDisabled)
}

/// When the caller's session ends; none for long-term credentials.
fn session_ends(ctx: &Ctx) -> Result<Option<i64>, Fault> {
    let Some(id) = &ctx.caller().access_key_id else { return Ok(None) };
    let read = ctx.world().store().read()?;
    Ok(ctx.issued_key(&read, id)?.and_then(|key| key.expires_at))
}

/// What AWS says of the caller beside the registered claims.
fn own_claims(
    ctx: &Ctx,
    session_ends: Option<i64>,
    principal_tags: Vec<(String, String)>,
    request_tags: Vec<(String, String)>,
) -> Result<Value, Fault> {
    let caller = ctx.caller();
    let mut claims = Map::new();
    let mut say = |name: &str, value: Option<Value>| {
        claims.extend(value.map(|value| (name.to_owned(), value)));
    };
    say("aws_account", Some(json!(ctx.account())));
    say("source_region", Some(json!(ctx.region())));
    let read = ctx.world().store().read()?;
    if let Some(organization) = organization::membership(&read, ctx.account())? {
        say("org_id", Some(json!(organization.organization_id)));
        say("ou_path", Some(json!(organization.path)));
    }
    say("principal_tags", object(principal_tags));
    if matches!(caller.principal, Principal::AssumedRole { .. }) {
        say("original_session_exp", session_ends.map(|ends| json!(ctx.iso_time(ends))));
    }
    if let Some(session) = &caller.session {
        say("federated_provider", session.federated_provider.as_deref().map(|provider| json!(provider)));
        say("source_identity", session.source_identity.as_deref().map(|identity| json!(identity)));
    }
    say("request_tags", object(request_tags));
    Ok(Value::Object(claims))
}

fn object(tags: Vec<(String, String)>) -> Option<Value> {
    let members: Map<String, Value> = tags.into_iter().map(|(key, value)| (key, json!(value))).collect();
    (!members.is_empty()).then_some(Value::Object(members))
}

/// The tags of the user or role, under those of the session.
async fn principal_tags(ctx: &Ctx) -> Vec<(String, String)> {
    let caller: &Caller = ctx.caller();
    let own = match &caller.principal {
        Principal::AssumedRole { role, .. } => role::tags(ctx, caller.account, role).await,
        Principal::User { name, .. } => {
            let input = iam::ListUserTagsInput::new().with_user_name(&**name);
            let found =
                ctx.call_trusted::<iam::op::ListUserTags>(caller.account, IAM_REGION, input).await.ok();
            found.map(|output| pairs(output.tags())).unwrap_or_default()
        }
        _ => Vec::new(),
    };
    let of_session = caller.session.as_ref().map(|session| session.tags.clone()).unwrap_or_default();
    let is_covered = |key: &str| of_session.iter().any(|(other, _)| other.eq_ignore_ascii_case(key));
    let own = own.into_iter().filter(|(key, _)| !is_covered(key)).collect::<Vec<_>>();
    own.into_iter().chain(of_session.clone()).collect()
}

fn pairs(tags: List<'_, &iam::Tag>) -> Vec<(String, String)> {
    tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}
