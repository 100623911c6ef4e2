/**
 * Passkeys and security keys: `<form data-passkey="get|create" data-options="#json" | data-options-url="…">`.
 * On submit the browser asks the key; its answer goes into the field `credential` and the form is sent.
 */
import { json, on, one } from "../dom.ts";

interface Descriptor { id: string; type: PublicKeyCredentialType; transports?: AuthenticatorTransport[] }

interface CreationJson {
  challenge: string;
  user: { id: string; name: string; displayName: string };
  excludeCredentials?: Descriptor[];
  authenticatorSelection?: AuthenticatorSelectionCriteria;
}

interface RequestJson { challenge: string; allowCredentials?: Descriptor[] }

interface Options {
  creation_options?: { publicKey: CreationJson };
  request_options?: { publicKey: RequestJson };
}

function bytes(text: string): ArrayBuffer {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0)).buffer;
}

function text(buffer: ArrayBuffer | null | undefined): string | undefined {
  if (!buffer) return undefined;
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function descriptors(list: Descriptor[] | undefined): PublicKeyCredentialDescriptor[] | undefined {
  return list?.map((item) => ({ ...item, id: bytes(item.id) }));
}

/** A passkey that signs in alone stays in the device and checks the person; a second factor need not. */
function selection(form: HTMLFormElement, given: AuthenticatorSelectionCriteria = {}): AuthenticatorSelectionCriteria {
  const alone = one<HTMLInputElement>('[name="passwordless"]', form)?.checked ?? false;
  return {
    ...given,
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: alone,
    ...(alone ? { userVerification: "required" as const } : {}),
  };
}

async function create(form: HTMLFormElement, given: CreationJson): Promise<Credential | null> {
  const publicKey = {
    ...given,
    challenge: bytes(given.challenge),
    user: { ...given.user, id: bytes(given.user.id) },
    excludeCredentials: descriptors(given.excludeCredentials) ?? [],
    authenticatorSelection: selection(form, given.authenticatorSelection),
  };
  return navigator.credentials.create({ publicKey: publicKey as unknown as PublicKeyCredentialCreationOptions });
}

async function get(given: RequestJson): Promise<Credential | null> {
  const publicKey = {
    ...given, challenge: bytes(given.challenge), allowCredentials: descriptors(given.allowCredentials) ?? [],
  };
  return navigator.credentials.get({ publicKey: publicKey as unknown as PublicKeyCredentialRequestOptions });
}

function asJson(credential: PublicKeyCredential): Record<string, unknown> {
  const answer = credential.response;
  const response: Record<string, unknown> = { clientDataJSON: text(answer.clientDataJSON) };
  if (answer instanceof AuthenticatorAttestationResponse) {
    response["attestationObject"] = text(answer.attestationObject);
    response["transports"] = answer.getTransports();
  } else if (answer instanceof AuthenticatorAssertionResponse) {
    response["authenticatorData"] = text(answer.authenticatorData);
    response["signature"] = text(answer.signature);
    response["userHandle"] = text(answer.userHandle) ?? null;
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function options(form: HTMLFormElement): Promise<Options> {
  const address = form.dataset["optionsUrl"];
  if (!address) return json<Options>(form.dataset["options"] ?? "") ?? {};
  const response = await fetch(address, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()) as Options;
}

async function ask(form: HTMLFormElement): Promise<void> {
  const problem = one("[data-passkey-problem]", form);
  const field = one<HTMLInputElement>('[name="credential"]', form);
  problem?.setAttribute("hidden", "");
  try {
    const given = await options(form);
    const made = given.creation_options
      ? await create(form, given.creation_options.publicKey)
      : given.request_options ? await get(given.request_options.publicKey) : null;
    if (!(made instanceof PublicKeyCredential) || !field) throw new Error("no credential");
    field.value = JSON.stringify(asJson(made));
    form.submit();
  } catch {
    problem?.removeAttribute("hidden");
  }
}

export function startPasskeys(): void {
  on("submit", "form[data-passkey]", (event, form) => {
    event.preventDefault();
    void ask(form as HTMLFormElement);
  });
  // Where the browser knows no keys, or at a bare IP address (keys belong to names), the button would only disappoint.
  if (!("PublicKeyCredential" in window) || /^[\d.]+$|:/.test(location.hostname)) return;
  for (const form of document.querySelectorAll("form[data-passkey][hidden]")) form.removeAttribute("hidden");
}
