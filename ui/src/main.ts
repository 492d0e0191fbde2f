import "./styles/base.css";
import { mount } from "svelte";
import { createHost } from "#host";
import App from "./App.svelte";

const target = document.getElementById("app");
if (target !== null) mount(App, { target, props: createHost() });
