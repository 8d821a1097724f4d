/** A form that is filled in, looked at once more, and sent. What was filled in is there again after a reload. */

import { Button, Form, Steps, type FormInstance } from "antd";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { Refusal } from "../api/call";
import { tellError } from "../words/errors";
import { keep, kept } from "./kept";
import { useOnce } from "./once";

interface Props<Wanted extends object> {
  /** Where in this browser it is kept until it is sent; null: nowhere. */
  keptAs: string | null;
  blank: Wanted;
  fields: (form: FormInstance<Wanted>) => ReactNode;
  confirm: (wanted: Wanted) => ReactNode;
  /** Asked before the second step; true: something speaks against it, and the form says what. */
  refuse?: (wanted: Wanted, form: FormInstance<Wanted>) => Promise<boolean>;
  /** Where in the form a field of the server's lies: a refusal of it is told there, not below. */
  placeOf?: (field: string) => FieldPath | null;
  /** The page to go to when it is sent. */
  send: (wanted: Wanted) => Promise<string>;
  words: { confirm: string; send: string };
}

export type FieldPath = (string | number)[];

export function TwoSteps<Wanted extends object>({ keptAs, blank, fields, confirm, refuse, placeOf, send, words }: Props<Wanted>) {
  const { t } = useTranslation();
  const go = useNavigate();
  const [form] = Form.useForm<Wanted>();
  const first = useMemo((): Wanted => ({ ...blank, ...(keptAs && kept<Wanted>(keptAs)) }), [blank, keptAs]);
  const [step, setStep] = useState(0);
  const values = (): Wanted => ({ ...first, ...(form.getFieldsValue(true) as Partial<Wanted>) });
  const store = (wanted: Wanted | null) => { if (keptAs) keep(keptAs, wanted); };
  const { busy, problem, attempt } = useAttempts(form);
  const room = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button that was pressed is gone: the keyboard goes on from here.
    if (step > 0) room.current?.focus();
    document.querySelector(".beside")?.scrollTo(0, 0);
  }, [step]);
  const next = () => attempt(async () => {
    await form.validateFields();
    if (!(await refuse?.(values(), form))) setStep(1);
  });
  const leave = () => attempt(async () => {
    try {
      const page = await send(values());
      store(null);
      await go(page);
    } catch (error) {
      const name = error instanceof Refusal ? placeOf?.(String(error.parameters.field ?? "")) : null;
      if (!name) throw error;
      setStep(0);
      form.setFields([{ name: name as never, errors: [tellError(error, t)] }]);
      throw { errorFields: [{ name }] } satisfies Wrong;
    }
  });
  const clear = () => {
    store(null);
    // Each as a whole: else what is set in a group stays beside it.
    for (const [name, value] of Object.entries(blank)) form.setFieldValue(name as never, value);
  };
  return (
    <div ref={room} className="make" tabIndex={-1}>
      <Steps size="small" current={step} items={[{ title: t("create.fill") }, { title: words.confirm }]} />
      <div hidden={step === 1}>
        <Form form={form} layout="vertical" requiredMark={false} initialValues={first} validateTrigger={["onChange", "onBlur"]} scrollToFirstError={false} onValuesChange={() => store(values())}>
          {fields(form)}
        </Form>
      </div>
      {step === 1 && confirm(values())}
      {problem !== undefined && <p className="problem" role="alert">{tellError(problem, t)}{problem instanceof Refusal && problem.parameters.field ? ` (${String(problem.parameters.field)})` : ""}</p>}
      <div className="make-foot">
        {step === 0 ? (
          <>
            {keptAs && <Button type="text" onClick={clear}>{t("create.clear")}</Button>}
            <Button key="next" type="primary" loading={busy} onClick={() => void next()}>{t("create.next")}</Button>
          </>
        ) : (
          <>
            <Button onClick={() => setStep(0)}>{t("create.back")}</Button>
            {/* Where "Next" stood: the second of two quick clicks there is not one on this. */}
            <Button key="send" type="primary" loading={busy} onClick={(click) => { if (click.detail < 2) void leave(); }}>{words.send}</Button>
          </>
        )}
      </div>
    </div>
  );
}

/** As a form tells what is wrong in it. */
interface Wrong {
  errorFields: { name: FieldPath }[];
}

/** A field that is wrong is gone to; what else goes wrong is told. */
function useAttempts<Wanted extends object>(form: FormInstance<Wanted>) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const attempt = useOnce(async (work: () => Promise<void>) => {
    setProblem(undefined);
    setBusy(true);
    try {
      await work();
    } catch (error) {
      const wrong = (error as Partial<Wrong>).errorFields?.[0]?.name;
      if (wrong) setTimeout(() => form.scrollToField(wrong as never, { focus: true, block: "center" }));
      else setProblem(error);
    }
    setBusy(false);
  });
  // Not for a moment only: its sign would come and go with every click, and be read out.
  return { busy: busy && { delay: 300 }, problem, attempt };
}
