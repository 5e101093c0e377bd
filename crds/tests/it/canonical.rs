//! What is written in different ways and means the same has one canonical value; what means something else has another.

use headwater_crds::canonical::canonical;
use headwater_crds::contract::DataContract;
use headwater_crds::object::{Kind, Object};
use headwater_crds::platform::Platform;
use headwater_crds::product::DataProduct;
use headwater_crds::schema::schema;
use serde_json::{Value, json};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn product(spec: &str) -> Result<Value, serde_yaml::Error> {
    let text = format!(
        "{{apiVersion: headwater.dev/v1alpha1, kind: DataProduct, metadata: {{name: p}}, spec: {spec}}}"
    );
    Ok(canonical(&Object::DataProduct(Box::new(serde_yaml::from_str::<DataProduct>(&text)?))))
}

#[test]
fn the_same_written_differently() -> Outcome {
    let check = |one: &str, other: &str| -> Outcome {
        assert_eq!(serde_json::to_string(&product(one)?)?, serde_json::to_string(&product(other)?)?);
        Ok(())
    };
    check("{}", "{run: running, deadLetters: {}, sources: []}")?;
    check(
        "{deadLetters: {retention: 1h}}",
        "{deadLetters: {original: {keep: {}}, retention: 60m, late: deadLetter}}",
    )?;
    let budget = |share: &str, window: &str| {
        format!("{{deadLetters: {{budget: {{share: '{share}', window: {window}, then: stop}}}}}}")
    };
    check(&budget("1%", "5m"), &budget("1.00%", "300000ms"))?;
    let steps = |steps: &str| format!("{{transforms: [{{name: t, from: [a], steps: [{steps}]}}]}}");
    check(
        &steps("{cast: [{field: a, to: 'decimal(12,2)'}]}"),
        &steps("{cast: [{to: 'decimal(12, 2)', field: a}]}"),
    )?;
    check(
        &steps("{topN: {order: [{field: a}], limit: 1, keep: 24h}}"),
        &steps("{topN: {order: [{field: a, descending: false}], limit: 1, keep: 1d}}"),
    )?;
    check(
        "{sources: [{name: a, files: {paths: [x], format: {csv: {}}}}]}",
        "{sources: [{name: a, read: latest, startFrom: {earliest: {}}, files: {paths: [x], format: {csv: {header: true, delimiter: ','}}}}]}",
    )
}

#[test]
fn what_differs_stays_different() -> Outcome {
    let check = |one: &str, other: &str| -> Outcome {
        assert_ne!(product(one)?, product(other)?);
        Ok(())
    };
    check("{deadLetters: {retention: 1h}}", "{deadLetters: {retention: 61m}}")?;
    check("{run: running}", "{run: stopped}")?;
    check(
        "{transforms: [{name: a, sql: x}, {name: b, sql: y}]}",
        "{transforms: [{name: b, sql: y}, {name: a, sql: x}]}",
    )?;
    check("{transforms: [{name: a, sql: x, keep: forever}]}", "{transforms: [{name: a, sql: x, keep: 1d}]}")?;
    check("{transforms: [{name: a, sql: \"'a  b'\"}]}", "{transforms: [{name: a, sql: \"'a b'\"}]}")
}

#[test]
fn a_contract_in_full() -> Outcome {
    let text = "
apiVersion: headwater.dev/v1alpha1
kind: DataContract
metadata:
  name: order
  uid: 1a2b
  labels: { argocd.argoproj.io/instance: retail }
  annotations: { headwater.dev/allow.L003: known, kubectl.kubernetes.io/last-applied-configuration: '{}' }
spec: { version: 1.0.0, id: order, eventTime: { field: at, idleAfter: 30s } }
status: { observedGeneration: 3 }
";
    let object = Object::DataContract(Box::new(serde_yaml::from_str::<DataContract>(text)?));
    let expected = json!({
        "kind": "DataContract",
        "metadata": { "annotations": { "headwater.dev/allow.L003": "known" }, "name": "order", "namespace": "default" },
        "spec": {
            "changes": "append",
            "compatibility": "backward",
            "eventTime": { "field": "at", "idleAfter": 30_000, "maxDelay": 0 },
            "id": "order",
            "onViolation": "deadLetter",
            "version": "1.0.0",
        },
    });
    assert_eq!(serde_json::to_string(&canonical(&object))?, serde_json::to_string(&expected)?);
    Ok(())
}

#[test]
fn a_platform_has_no_namespace() -> Outcome {
    let text = "{apiVersion: headwater.dev/v1alpha1, kind: Platform, metadata: {name: main, namespace: x}, spec: {}}";
    let object = Object::Platform(Box::new(serde_yaml::from_str::<Platform>(text)?));
    assert_eq!(canonical(&object), json!({ "kind": "Platform", "metadata": { "name": "main" }, "spec": {} }));
    Ok(())
}

/// "`x` where left out" in the description of a member and its `default` say the same.
#[test]
fn descriptions_state_the_defaults() {
    fn walk(node: &Value, path: &str, wrong: &mut Vec<String>) {
        let description = node["description"].as_str().unwrap_or_default();
        let said = description.split_once("` where left out").and_then(|(head, _)| head.rsplit_once('`'));
        let agree = match (said, node.get("default")) {
            (None, None) => true,
            (Some((_, said)), Some(default)) => {
                default == said || serde_yaml::from_str::<Value>(said).is_ok_and(|said| said == *default)
            }
            (Some(_), None) | (None, Some(_)) => false,
        };
        if !agree {
            wrong.push(path.to_owned());
        }
        let core = node["anyOf"].as_array().map_or(node, |either| &either[0]);
        for (name, inner) in core["properties"].as_object().into_iter().flatten() {
            walk(inner, &format!("{path}.{name}"), wrong);
        }
        if core["items"].is_object() {
            walk(&core["items"], &format!("{path}[]"), wrong);
        }
    }
    let mut wrong = Vec::new();
    for kind in Kind::ALL {
        walk(schema(kind), kind.name(), &mut wrong);
    }
    assert_eq!(wrong, Vec::<String>::new());
}
