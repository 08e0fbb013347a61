//! The operations of Amazon SQS: the one list.

use crate::{dead_letter, move_task, permission, queue, receipt, receive, send, tag};

virga_kit::operations! {
    pub(crate) static OPERATIONS in virga_api::sqs;
    write CreateQueue => queue::create_queue;
    write DeleteQueue => queue::delete_queue;
    read  GetQueueUrl => queue::get_queue_url;
    read  ListQueues => queue::list_queues;
    read  GetQueueAttributes => queue::get_queue_attributes;
    write SetQueueAttributes => queue::set_queue_attributes;
    write PurgeQueue => queue::purge_queue;
    write SendMessage => send::send_message;
    write SendMessageBatch => send::send_message_batch;
    wait  ReceiveMessage => receive::receive_message;
    write DeleteMessage => receipt::delete_message;
    write DeleteMessageBatch => receipt::delete_message_batch;
    write ChangeMessageVisibility => receipt::change_message_visibility;
    write ChangeMessageVisibilityBatch => receipt::change_message_visibility_batch;
    write AddPermission => permission::add_permission;
    write RemovePermission => permission::remove_permission;
    write TagQueue => tag::tag_queue;
    write UntagQueue => tag::untag_queue;
    read  ListQueueTags => tag::list_queue_tags;
    read  ListDeadLetterSourceQueues => dead_letter::list_dead_letter_source_queues;
    write StartMessageMoveTask => move_task::start_message_move_task;
    write CancelMessageMoveTask => move_task::cancel_message_move_task;
    read  ListMessageMoveTasks => move_task::list_message_move_tasks;
}
