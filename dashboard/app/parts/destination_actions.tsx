import { useState } from "preact/hooks";
import type { Destination } from "../../../shared/core/job/destination.ts";
import { useDashboard } from "../context.ts";
import { createDestination, eventTypesOf, type OfTenant, rotateSecret } from "../destinations.ts";
import { Asking, Field } from "./actions.tsx";

interface Acting {
  of: OfTenant;
  changed: () => Promise<void>;
  /** Shows a new secret, once. */
  show: (secret: string | undefined) => void;
}

/**
 * A button that creates a destination with a secret of its own. The operator's server gives no access
 * to secrets.
 */
export function CreateDestination({ of, changed, show }: Acting) {
  const { api } = useDashboard();
  const [given, setGiven] = useState({ name: "", url: "", types: "" });
  const field = (name: keyof typeof given, label: string, placeholder: string) => (
    <Field
      {...{ label, name, placeholder, required: true, value: given[name] }}
      onInput={(text) => setGiven({ ...given, [name]: text })}
    />
  );
  return (
    <Asking
      label="Create destination"
      title="Create a webhook destination"
      confirm="Create"
      run={async () => {
        show(await createDestination(api, of, given));
        await changed();
      }}
    >
      {field("name", "Name", "orders")}
      {field("url", "URL", "https://hooks.example.com/in")}
      {field("types", "Event types", "order.* bill.sent")}
    </Asking>
  );
}

/** What can be done with a destination. */
export function DestinationActions({ destination, of, changed, show }: Acting & {
  destination: Destination;
}) {
  const { api } = useDashboard();
  const { name } = destination;
  const call = async (...[method, args]: Parameters<typeof api.call>) => {
    await api.call(method, { ...of, ...args });
    show(undefined);
    await changed();
  };
  const test = () => call("jobforge_send_test_event", { p_destination: name });
  const configure = (p_settings: Record<string, unknown>) =>
    call("jobforge_configure_destination", { p_name: name, p_settings });
  const rotate = async () => {
    show(await rotateSecret(api, of, name));
    await changed();
  };
  return (
    <div class="buttons">
      <Asking label="Test" title={`Send a test event to ${name}?`} confirm="Send" run={test}>
        <p>A message of the type jobforge.test. If it arrives, it ends a pause of the breaker.</p>
      </Asking>
      {api.managesDestinations && (
        <>
          <Edit destination={destination} save={configure} />
          <Pause destination={destination} save={configure} />
          {!api.operator && (
            <Asking
              label="Rotate secret"
              title={`Rotate the secret of ${name}?`}
              confirm="Rotate"
              run={rotate}
            >
              <p>The new secret is shown once. Both sign for a day.</p>
            </Asking>
          )}
          <Asking
            label="Delete"
            title={`Delete ${name}?`}
            confirm="Delete destination"
            danger
            run={() => call("jobforge_delete_destination", { p_name: name })}
          >
            <p>What is on the way to it is not sent. Its secret is deleted.</p>
          </Asking>
        </>
      )}
    </div>
  );
}

interface Saving {
  destination: Destination;
  save: (settings: Record<string, unknown>) => Promise<void>;
}

function Edit({ destination, save }: Saving) {
  const [url, setUrl] = useState(destination.url);
  const [types, setTypes] = useState(destination.event_types.join(" "));
  const settings = () => {
    const event_types = eventTypesOf(types);
    return { url, event_types: event_types.length > 0 ? event_types : null };
  };
  return (
    <Asking
      label="Edit"
      title={`Edit ${destination.name}`}
      confirm="Save"
      run={() => save(settings())}
    >
      <Field label="URL" name="url" value={url} onInput={setUrl} required />
      <Field label="Event types" name="types" value={types} onInput={setTypes} />
    </Asking>
  );
}

function Pause({ destination: { name, status }, save }: Saving) {
  const paused = status === "paused";
  return (
    <Asking
      label={paused ? "Resume" : "Pause"}
      title={`${paused ? "Resume" : "Pause"} ${name}?`}
      confirm={paused ? "Resume destination" : "Pause destination"}
      danger={!paused}
      run={() => save({ paused: !paused })}
    >
      <p>
        {paused
          ? "Messages that were held are sent, oldest first."
          : "Its messages are held until you resume it."}
      </p>
    </Asking>
  );
}
