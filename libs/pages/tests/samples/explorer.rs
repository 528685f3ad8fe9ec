use grantor_pages::*;

use super::{Words, frame};

/// The API explorer, before or after a call.
pub fn explorer(lang: Lang, words: &Words, called: bool) -> Explorer {
    let task = |id: &str, title: &str, current| ExplorerTask { id: id.to_owned(), title: title.to_owned(), current };
    let field = |name: &str, label: &str, input, value: &str| ExplorerField {
        name: name.to_owned(),
        label: label.to_owned(),
        input,
        value: value.to_owned(),
        example: words.free_text.to_owned(),
        optional: input != ExplorerInput::Secret,
    };
    let headers = [("content-type", "application/json"), ("cache-control", "no-store"), ("x-request-id", words.person)];
    let exchange = ExplorerExchange {
        curl: format!("curl -i -X POST 'https://access.example/users' \\\n  --data-raw '{}'", words.free_text),
        status: if words.person.len() > 40 { 422 } else { 201 },
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: format!("{{\n  \"id\": \"username\",\n  \"email\": \"{}\"\n}}", words.free_text),
        token_kept: true,
    };
    Explorer {
        frame: frame(lang, words),
        csrf: "token".to_owned(),
        action: "/explorer?ui_locales=en".to_owned(),
        tasks: vec![
            task("get_client_token", "Get client token", false),
            task("create_user", words.free_text, true),
            task("get_user_token", "Get user token", false),
            task("change_client_configuration", "Change client configuration", false),
        ],
        needs: if called { ExplorerNeeds::ClientToken } else { ExplorerNeeds::UserToken },
        token: if called {
            "fnsXpguIBkChhCsN8bVty9Y68AsUvJYyXUILcsFBvWABF03k8Ov68Ev2BTyANuBj".into()
        } else {
            String::new()
        },
        fields: vec![
            field("id", "User ID", ExplorerInput::Text, words.person),
            field("password", "Password", ExplorerInput::Secret, ""),
            field("isAutoUpdateEnabled", "isAutoUpdateEnabled", ExplorerInput::Flag, "true"),
            field("tier", words.free_text, ExplorerInput::Number, "3"),
        ],
        kept: vec![("client_id".to_owned(), words.free_text.to_owned())],
        exchange: called.then_some(exchange),
        error: (!called).then_some(ExplorerError::FormExpired),
        openapi_path: "/explorer/openapi.json".to_owned(),
        postman_path: "/explorer/postman.json".to_owned(),
    }
}
