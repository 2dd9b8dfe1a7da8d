/**
 * The data that passes between a Functions host and the Node worker library, as the messages of
 * Azure/azure-functions-language-worker-protobuf look in JavaScript. Exactly one field of a value is set.
 */
export interface RpcTypedData {
  /** Text; the library tries to parse it as JSON and falls back to the text itself. */
  readonly string?: string | null | undefined;
  /** JSON text; it must parse. */
  readonly json?: string | null | undefined;
  readonly bytes?: Uint8Array | null | undefined;
  readonly stream?: Uint8Array | null | undefined;
  readonly http?: RpcHttpData | null | undefined;
  readonly int?: number | null | undefined;
  readonly double?: number | null | undefined;
  readonly collectionString?: { readonly string: readonly string[] } | null | undefined;
  readonly collectionBytes?: { readonly bytes: readonly Uint8Array[] } | null | undefined;
  readonly collectionDouble?: { readonly double: readonly number[] } | null | undefined;
  readonly collectionSint64?: { readonly sint64: readonly number[] } | null | undefined;
}

export interface RpcNullable<T> {
  readonly value: T;
}

type Nullable<T> = RpcNullable<T> | null | undefined;

/** `none` means "say nothing"; a cookie that says SameSite=None is `explicitNone`. */
export interface RpcHttpCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: Nullable<string>;
  readonly path?: Nullable<string>;
  readonly expires?: Nullable<{ readonly seconds: number }>;
  readonly secure?: Nullable<boolean>;
  readonly httpOnly?: Nullable<boolean>;
  readonly sameSite?: "none" | "lax" | "strict" | "explicitNone" | undefined;
  /** Seconds. */
  readonly maxAge?: Nullable<number>;
}

/** A request on the way in, a response on the way out. */
export interface RpcHttpData {
  readonly method?: string;
  /** Absolute, with the query. */
  readonly url?: string;
  readonly nullableHeaders?: Readonly<Record<string, RpcNullable<string>>>;
  readonly nullableQuery?: Readonly<Record<string, RpcNullable<string>>>;
  readonly nullableParams?: Readonly<Record<string, RpcNullable<string>>>;
  readonly body?: RpcTypedData | null | undefined;
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly RpcHttpCookie[];
  readonly enableContentNegotiation?: boolean;
}

interface RpcParameterBinding {
  readonly name: string;
  readonly data?: RpcTypedData | null | undefined;
}

export interface InvocationRequest {
  readonly invocationId: string;
  readonly functionId: string;
  readonly inputData: readonly RpcParameterBinding[];
  readonly triggerMetadata: Readonly<Record<string, RpcTypedData>>;
  readonly traceContext: {
    readonly traceParent: string;
    readonly traceState: string;
    readonly attributes: Readonly<Record<string, string>>;
  };
}

export interface InvocationResponse {
  readonly invocationId: string;
  readonly outputData?: readonly RpcParameterBinding[] | null | undefined;
  /** Set for every function that is not HTTP, output binding or not; Durable relies on it. */
  readonly returnValue?: RpcTypedData | null | undefined;
}

/** One binding of a function: `type` and `direction`, and whatever options the app gave with it. */
export interface BindingInfo {
  readonly type: string;
  readonly direction: "in" | "out";
  readonly [option: string]: unknown;
}

export type FunctionCallback = (...inputs: unknown[]) => unknown;

/** A function as the app registered it. The keys of `bindings` are the names to use in an invocation's inputs. */
export interface RegisteredFunction {
  readonly id: string;
  readonly name: string;
  readonly bindings: Readonly<Record<string, BindingInfo>>;
  readonly hasRetryOptions: boolean;
  readonly callback: FunctionCallback;
}

/** Runs one function of the app. */
export interface FunctionInvoker {
  /**
   * @param inputs data by binding name (`triggerBinding(fn).name` for the trigger)
   * @throws the app's own error, an unknown-function error, or a time-limit error
   */
  invoke(
    functionName: string,
    inputs: Readonly<Record<string, RpcTypedData>>,
    triggerMetadata?: Readonly<Record<string, RpcTypedData>>,
  ): Promise<InvocationResponse>;
}
