//! The operations of IAM: the one list, in groups by resource.

use crate::user;

virga_kit::operations! {
    pub(crate) static OPERATIONS in virga_api::iam;

    // Users.
    write CreateUser => user::create_user;
    read  GetUser => user::get_user;
    read  ListUsers => user::list_users;
    write UpdateUser => user::update_user;
    write DeleteUser => user::delete_user;
    write TagUser => user::tag_user;
    write UntagUser => user::untag_user;
    read  ListUserTags => user::list_user_tags;
}
