//! How handlers fail: with an error for the caller, or with a fault of ours.

use virga_model::ApiError;
use virga_store::Fault;

/// Why a handler did not answer.
#[derive(Debug)]
pub enum Failure {
    /// An error of the API, for the caller.
    Api(Box<ApiError>),
    /// A store failure or a bug. The caller sees an internal error; the cause is logged with the request id.
    Fault(Fault),
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Failure::Api(Box::new(error))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Failure::Fault(fault)
    }
}

/// Declares a service's errors: one enum, a variant per error a caller can see, with AWS's wording. `modelled` names
/// the function of the generated `error` module, so that code and status come from the model; `common` is for errors
/// that the model does not list; a second literal is the code in the query protocol. For a modelled error, a literal
/// before the colon is the text in the query protocol.
///
/// ```
/// virga_kit::service_errors! {
///     /// Errors of the example.
///     pub(crate) enum Error in virga_api::sqs {
///         /// The queue is not there.
///         QueueDoesNotExist => modelled queue_does_not_exist: "The specified queue does not exist.";
///         /// A value is not allowed.
///         InvalidParameterValue { reason: String } => common "InvalidParameterValue" 400: "{reason}";
///     }
/// }
/// let failure = virga_kit::Failure::from(Error::InvalidParameterValue { reason: "no".into() });
/// assert!(matches!(failure, virga_kit::Failure::Api(error) if error.message == "no"));
/// # let _ = Error::QueueDoesNotExist;
/// ```
#[macro_export]
macro_rules! service_errors {
    ($(#[$doc:meta])* $vis:vis enum $name:ident in $api:path {
        $($(#[$variant_doc:meta])* $variant:ident $({ $($field:ident: $type:ty),* $(,)? })?
            => $kind:ident $code:tt $($more:literal)*: $text:literal;)*
    }) => {
        $(#[$doc])*
        #[derive(Debug)]
        $vis enum $name {
            $($(#[$variant_doc])* $variant $({ $(#[doc = "Part of the text."] $field: $type),* })?,)*
            /// A store failure or a bug. The caller sees an internal error.
            Fault($crate::reexport::Fault),
        }

        impl From<$crate::reexport::Fault> for $name {
            fn from(fault: $crate::reexport::Fault) -> Self {
                $name::Fault(fault)
            }
        }

        impl $name {
            /// The error as the caller sees it.
            $vis fn into_api(self) -> ::std::result::Result<$crate::reexport::ApiError, $crate::reexport::Fault> {
                match self {
                    $($name::$variant $({ $($field),* })? => {
                        let message = ::std::format!($text $($(, $field = $field)*)?);
                        ::std::result::Result::Ok($crate::service_errors!(@build $api, $kind $code $($more)*, message))
                    })*
                    $name::Fault(fault) => ::std::result::Result::Err(fault),
                }
            }
        }

        impl From<$name> for $crate::Failure {
            fn from(error: $name) -> Self {
                match error.into_api() {
                    ::std::result::Result::Ok(error) => error.into(),
                    ::std::result::Result::Err(fault) => fault.into(),
                }
            }
        }
    };
    (@build $api:path, modelled $code:ident, $message:ident) => {{
        use $api as api;
        api::error::$code($message)
    }};
    (@build $api:path, modelled $code:ident $query_message:literal, $message:ident) => {{
        use $api as api;
        api::error::$code($message).with_query_message($query_message)
    }};
    (@build $api:path, common $code:literal $status:literal, $message:ident) => {
        $crate::reexport::ApiError::common($code, $status, $message)
    };
    (@build $api:path, common $code:literal $query_code:literal $status:literal, $message:ident) => {
        $crate::reexport::ApiError::common($code, $status, $message).with_query_code($query_code)
    };
}
