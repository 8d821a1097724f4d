"""What is told of workspaces, users and their keys."""

from __future__ import annotations

from maquette_sdk.sentences import Sentences

say = Sentences(
    "workspaces",
    {
        "in_none": "This user is in no workspace. Add them to one first.",
        "no_user": "There is no user '{user}'.",
        "last_administrator": "This is the last administrator. Make somebody else one first.",
        "no_such_word": "'{value}' is no {field}. Use {known}.",
        "old_password": "The old password is another one.",
        "user_taken": "There is a user '{name}' already. Choose another name.",
        "no_workspace": "There is no workspace '{id}'.",
        "workspace_taken": "There is a workspace '{name}' already. Choose another name.",
        "last_workspace": "This is the last workspace. Make another one first.",
        "not_empty": "The workspace is not empty. Remove its buckets and what else it holds first.",
        "no_user_named": "There is no user '{name}'. An administrator makes users.",
        "no_member": "This user is not in the workspace.",
        "needs_owner": "A workspace needs an owner. Make somebody else one first.",
        "needs_owner_role": "This needs the role owner in workspace '{name}'.",
        "user_name": "'{name}' cannot be a user's name. Use 1 to 64 letters, digits and . _ @ + -, with a letter or"
        " digit in front.",
        "workspace_name": "'{name}' cannot be a workspace's name. Use 4 to 64 letters, digits, - and _, with a letter"
        " or digit at both ends.",
        "password_length": "A password has {least} to {most} characters.",
        "password_easy": "This password is too easy to guess. Choose one with more different characters.",
        "no_role": "'{name}' is no role. Use owner, member or viewer.",
        "key_seconds": "A key lives for more than 0 seconds.",
        "most_keys": "You have {most} access keys. Delete one that is not used any more.",
        "no_key": "You have no access key '{access}'.",
        "app_code_name": "An app code's name has 1 to 64 characters.",
        "no_app_code": "There is no app code '{id}' in this workspace.",
        "secret_unreadable": "The secret of '{name}' cannot be read: this home has another secret.key than the one it"
        " was made with.",
    },
)
