import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { wordsOf } from "./states.tsx";

/** A dialog that asks before a change and shows its error. */
export function Dialog({ title, confirm, dismiss = "Cancel", danger, children, run, close }: {
  title: string;
  /** The label of the button, which names the change. */
  confirm: string;
  /** The label of the button that changes nothing. */
  dismiss?: string;
  danger?: boolean;
  children?: ComponentChildren;
  run: () => Promise<unknown>;
  close: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  useLayoutEffect(() => dialog.current?.showModal(), []);
  // A dialog that closes itself returns the focus to the button that opened it.
  const leave = () => dialog.current?.close();
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await run();
      leave();
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="dialog-title">
      <form onSubmit={submit}>
        <h2 id="dialog-title">{title}</h2>
        {children}
        {Boolean(error) && <p class="failure" role="alert">{wordsOf(error)}</p>}
        <div class="buttons">
          <button type="button" onClick={leave}>{dismiss}</button>
          <button type="submit" class={danger ? "danger" : "primary"} disabled={busy}>
            {confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** A button that opens a dialog before its change. */
export function Asking({ label, title, confirm, dismiss, danger, children, run }: {
  label: string;
  title: string;
  confirm: string;
  dismiss?: string;
  danger?: boolean;
  children?: ComponentChildren;
  run: () => Promise<unknown>;
}) {
  // Counted, because a press right after Escape comes before the `close` of the first dialog.
  const [opened, setOpened] = useState(0);
  const [closed, setClosed] = useState(0);
  return (
    <>
      <button
        type="button"
        class={danger ? "danger" : undefined}
        onClick={() => setOpened((count) => count + 1)}
      >
        {label}
      </button>
      {opened > closed && (
        <Dialog
          key={opened}
          {...{ title, confirm, run, close: () => setClosed(opened) }}
          {...(danger ? { danger } : {})}
          {...(dismiss ? { dismiss } : {})}
        >
          {children}
        </Dialog>
      )}
    </>
  );
}

/** A labeled field of a form. */
export function Field({ label, name, value, type = "text", placeholder, onInput, required }: {
  label: string;
  name: string;
  value?: string;
  type?: "text" | "number" | "datetime-local";
  placeholder?: string;
  onInput?: (value: string) => void;
  required?: boolean;
}) {
  // Preact has a type for each kind of input, but none for all of them.
  const attributes: Record<string, unknown> = {
    ...{ name, type, placeholder, required, value },
    ...(type === "number" ? { step: "any" } : {}),
  };
  return (
    <label class="field">
      <span>{label}</span>
      <input
        {...attributes}
        autocomplete="off"
        onInput={(event) => onInput?.(event.currentTarget.value)}
      />
    </label>
  );
}
