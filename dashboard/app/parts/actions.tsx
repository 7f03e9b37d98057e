import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { wordsOf } from "./states.tsx";

/** A question that stands before a change, and how the change ends. */
export function Dialog({ title, confirm, danger, children, run, close }: {
  title: string;
  /** The button's words: they name what happens. */
  confirm: string;
  danger?: boolean;
  children?: ComponentChildren;
  run: () => Promise<unknown>;
  close: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  useLayoutEffect(() => dialog.current?.showModal(), []);
  // Closed by itself, the dialog gives the focus back to the button that opened it.
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
          <button type="button" onClick={leave}>Leave it</button>
          <button type="submit" class={danger ? "danger" : "primary"} disabled={busy}>
            {confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** A button that asks first. */
export function Asking({ label, title, confirm, danger, children, run }: {
  label: string;
  title: string;
  confirm: string;
  danger?: boolean;
  children?: ComponentChildren;
  run: () => Promise<unknown>;
}) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class={danger ? "danger" : undefined} onClick={() => setOpen(true)}>
        {label}
      </button>
      {open && (
        <Dialog
          {...{ title, confirm, run, close: () => setOpen(false) }}
          {...(danger ? { danger } : {})}
        >
          {children}
        </Dialog>
      )}
    </>
  );
}

/** A labelled field of a form. */
export function Field({ label, name, value, type = "text", placeholder, onInput, required }: {
  label: string;
  name: string;
  value?: string;
  type?: "text" | "number" | "datetime-local";
  placeholder?: string;
  onInput?: (value: string) => void;
  required?: boolean;
}) {
  // The types of preact know each kind of input by itself only.
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
