//! The words of what goes wrong with the receiver: what it cannot be set to, and why it is not reached from outside.

use super::{NO_MONEY, Severity, Words, words};
use crate::words::Label;

/// A till that is not notified is right all the same.
const ASKED_AS_BEFORE: Label = Label::new(
    "款项不受影响：没有通知时，收银台照常主动查询。",
    "款項不受影響：沒有通知時，收銀台照常主動查詢。",
    "Payments are safe: without notifications the till asks the gateway as before.",
);

pub(super) const RECEIVER_LISTEN_BAD: Words = words(
    Severity::Info,
    Label::new("这不是可以监听的地址。", "這不是可以監聽的地址。", "The receiver cannot listen there."),
    NO_MONEY,
    Label::new(
        "请填写 IP 地址和端口，例如 127.0.0.1:8787。",
        "請填寫 IP 地址及連接埠，例如 127.0.0.1:8787。",
        "Give an IP address and a port, for example 127.0.0.1:8787.",
    ),
);

pub(super) const RECEIVER_ADDRESS_BAD: Words = words(
    Severity::Info,
    Label::new("这不能用作公网地址。", "這不能用作對外網址。", "This cannot be the public address."),
    NO_MONEY,
    Label::new(
        "请填写完整网址，例如 https://pay.example.com，最多 180 个字符，不带 ? 和 #。",
        "請填寫完整網址，例如 https://pay.example.com，最多 180 個字元，不帶 ? 及 #。",
        "Give a complete address such as https://pay.example.com, of at most 180 characters, without ? and #.",
    ),
);

pub(super) const RECEIVER_PROXY_BAD: Words = words(
    Severity::Info,
    Label::new("这不是代理的 IP 地址。", "這不是代理伺服器的 IP 地址。", "This is no IP address of a proxy."),
    NO_MONEY,
    Label::new(
        "请只填写 IP 地址，例如 127.0.0.1，不带端口。",
        "請只填寫 IP 地址，例如 127.0.0.1，不帶連接埠。",
        "Give an IP address alone, for example 127.0.0.1, without a port.",
    ),
);

pub(super) const RECEIVER_NOT_LISTENING: Words = words(
    Severity::Warning,
    Label::new(
        "无法在 {listen} 接收通知：{cause}。",
        "無法在 {listen} 接收通知：{cause}。",
        "Notifications cannot be received at {listen}: {cause}.",
    ),
    Label::new(
        "款项不受影响：开着的收银台照常向网关查询，只是收不到通知。",
        "款項不受影響：開啟中的收銀台如常向網關查詢，只是收不到通知。",
        "Payments are safe: a till that is open asks the gateway as before, without notifications.",
    ),
    Label::new(
        "请确认这是本机的 IP 地址、端口没有被别的程序占用，或换一个接收地址。",
        "請確認這是本機的 IP 地址、連接埠沒有被其他程式佔用，或改用另一個接收地址。",
        "Check that the IP address is this computer's and that no other program has the port, or set another one.",
    ),
);

pub(super) const RECEIVER_NOT_RUNNING: Words = words(
    Severity::Warning,
    Label::new(
        "应在 {listen} 接收通知，但现在没有程序在接收。",
        "應在 {listen} 接收通知，但現在沒有程式在接收。",
        "Notifications are to come in at {listen}, and nothing receives them now.",
    ),
    Label::new(
        "款项不受影响：收银台打开后照常向网关查询，只是晚一点知道。在此之前，顾客打不开收银台的付款页，语音订单也进不来。",
        "款項不受影響：收銀台開啟後如常向網關查詢，只是稍遲知道。在此之前，顧客無法開啟收銀台的付款頁，語音訂單亦無法進來。",
        "Payments are safe: a till that is open asks for them as before, only later. Meanwhile customers cannot open its payment pages, and voice orders do not come in.",
    ),
    Label::new(
        "请打开收银台窗口，或运行 tillkeeper serve，并让它一直开着。",
        "請開啟收銀台視窗，或執行 tillkeeper serve，並讓它一直開著。",
        "Open the till's window or run tillkeeper serve, and leave it open.",
    ),
);

pub(super) const RECEIVER_HAS_NO_LISTEN: Words = words(
    Severity::Warning,
    Label::new(
        "填了公网地址 {address}，但没有填接收地址，所以什么也收不到。",
        "已填對外網址 {address}，但沒有填接收地址，所以甚麼都收不到。",
        "The public address {address} is set and no listen address is, so nothing is received.",
    ),
    ASKED_AS_BEFORE,
    Label::new(
        "请在“设置”的“通知接收”里（或 settings.toml 的 [receiver] 下）也填上接收地址，例如 127.0.0.1:8787；不想接收就清空公网地址。",
        "請在「設定」的「通知接收」內（或 settings.toml 的 [receiver] 下）一併填寫接收地址，例如 127.0.0.1:8787；如不接收，請清空對外網址。",
        "Set a listen address too, for example 127.0.0.1:8787 (Settings, Receiver, or [receiver] in settings.toml), or clear the public address.",
    ),
);

pub(super) const RECEIVER_PROXY_UNNAMED: Words = words(
    Severity::Warning,
    Label::new(
        "请求经 {proxy} 的代理转来，而设置里没有写明这个代理，所有来源被当作同一个。",
        "請求經 {proxy} 的代理伺服器轉來，而設定內沒有寫明這個代理伺服器，所有來源被當作同一個。",
        "Requests are passed on by a proxy at {proxy} that the settings do not name, so all sources count as one.",
    ),
    Label::new(
        "款项不受影响：收银台照常查询。但只要有人乱发请求，网关的通知和顾客的付款页也会一起被拒。",
        "款項不受影響：收銀台如常查詢。但只要有人亂發請求，網關的通知及顧客的付款頁亦會一併被拒。",
        "Payments are safe: the till asks as before. But as soon as a stranger sends rubbish, the gateways' notifications and customers' pages are refused with it.",
    ),
    Label::new(
        "如果 {proxy} 是自己店里的代理或隧道，请在设置里写明：proxy = \"{proxy}\"。不是的话不要写，并让防火墙只放行自己的代理。",
        "如 {proxy} 是店內自己的代理伺服器或通道，請在設定內寫明：proxy = \"{proxy}\"。如不是，切勿填寫，並讓防火牆只放行自己的代理伺服器。",
        "If your own proxy or tunnel is at {proxy}, name it in the settings: proxy = \"{proxy}\". If not, do not, and have a firewall let only your proxy in.",
    ),
);

/// Who turns unread requests away hears of payments by asking.
const LEARNED_LATER: Label = Label::new(
    "款项不受影响：收银台照常查询。如果网关的通知也从那里来，就会晚一点知道。",
    "款項不受影響：收銀台如常查詢。如網關的通知亦由該處而來，便會稍遲知道。",
    "Payments are safe: the till asks as before. Where the gateways' notifications come from there too, it learns later.",
);

const TURNED_AWAY: Label = Label::new(
    "来自 {source} 的请求被拒太多次，最近一分钟内有的没有读就被拒了。",
    "來自 {source} 的請求被拒太多次，最近一分鐘內有的未經讀取已被拒。",
    "Too much from {source} was refused: within the last minute requests from there were turned away unread.",
);

pub(super) const RECEIVER_SOURCE_UNREAD: Words = words(
    Severity::Warning,
    TURNED_AWAY,
    LEARNED_LATER,
    Label::new(
        "如果 {source} 是自己店里的代理或隧道，请在设置里写明 proxy = \"{source}\"，并让它写上 X-Forwarded-For。是陌生人的话不用处理：一分钟后会再读。",
        "如 {source} 是店內自己的代理伺服器或通道，請在設定內寫明 proxy = \"{source}\"，並讓它寫上 X-Forwarded-For。如是陌生人則毋須處理：一分鐘後會再讀取。",
        "If your own proxy or tunnel is at {source}, name it in the settings, proxy = \"{source}\", and have it set X-Forwarded-For. A stranger's needs nothing: it is read again after a minute.",
    ),
);

pub(super) const RECEIVER_PROXY_SILENT: Words = words(
    Severity::Warning,
    Label::new(
        "经代理 {proxy} 转来的请求没有写明来源，被当作同一个来源；被拒太多次，最近一分钟内有的没有读就被拒了。",
        "經代理伺服器 {proxy} 轉來的請求沒有寫明來源，被當作同一個來源；被拒太多次，最近一分鐘內有的未經讀取已被拒。",
        "The proxy at {proxy} does not say for whom it passes requests on, so they count as one source. Too much was refused: within the last minute requests from there were turned away unread.",
    ),
    LEARNED_LATER,
    Label::new(
        "设置里已写明这个代理；请让它在每个请求里写上 X-Forwarded-For，不用改别的。",
        "設定內已寫明這個代理伺服器；請讓它在每個請求內寫上 X-Forwarded-For，毋須更改其他設定。",
        "The settings name this proxy already. Have it set X-Forwarded-For in every request; nothing else needs to be changed.",
    ),
);

/// Of a source that the named proxy told of.
pub(super) const RECEIVER_STRANGER_UNREAD: Words = words(
    Severity::Warning,
    TURNED_AWAY,
    LEARNED_LATER,
    Label::new(
        "是陌生人的话不用处理：一分钟后会再读。",
        "如是陌生人則毋須處理：一分鐘後會再讀取。",
        "A stranger's needs nothing: it is read again after a minute.",
    ),
);

pub(super) const OUTSIDE_NOT_ASKED: Words = words(
    Severity::Warning,
    Label::new(
        "没有检查 {address}：收银台只用 https 连接其他机器，训练模式不连接任何其他机器。",
        "沒有檢查 {address}：收銀台只用 https 連接其他機器，訓練模式不會連接任何其他機器。",
        "{address} was not checked: the till speaks to other machines over https only, and in training to none.",
    ),
    ASKED_AS_BEFORE,
    Label::new(
        "请在公网一侧设置 TLS，把公网地址改成 https:// 开头的网址。",
        "請在對外一側設定 TLS，將對外網址改為以 https:// 開頭。",
        "Have the proxy or tunnel speak TLS, and set a public address that begins with https://.",
    ),
);

pub(super) const OUTSIDE_UNREACHABLE: Words = words(
    Severity::Warning,
    Label::new(
        "连接不上 {address}：找不到这个名称、那里没有人应答，或者应答的一方不支持 TLS。",
        "無法連接 {address}：找不到這個名稱、該處無人回應，或回應的一方不支援 TLS。",
        "{address} could not be connected to: its name is not found, nothing there takes connections, or what answers speaks no TLS.",
    ),
    ASKED_AS_BEFORE,
    Label::new(
        "请核对网址和域名解析，检查代理或隧道是否在运行，防火墙是否放行。",
        "請核對網址及網域解析，檢查代理伺服器或通道是否正在執行，防火牆有否放行。",
        "Check the address and its name, whether the proxy or tunnel runs, and whether a firewall lets it through.",
    ),
);

pub(super) const OUTSIDE_UNTRUSTED: Words = words(
    Severity::Warning,
    Label::new(
        "{address} 的证书不被信任。",
        "{address} 的憑證不受信任。",
        "The certificate at {address} is not trusted.",
    ),
    ASKED_AS_BEFORE,
    Label::new(
        "请检查代理的证书：是否过期、域名是否一致、证书链是否完整。",
        "請檢查代理伺服器的憑證：有否過期、網域是否相符、憑證鏈是否完整。",
        "Check the proxy's certificate: whether it has expired, names this host, and comes with its whole chain.",
    ),
);

pub(super) const OUTSIDE_TIMED_OUT: Words = words(
    Severity::Warning,
    Label::new(
        "{address} 没有及时应答：连接、TLS 或回答没有等到。",
        "{address} 沒有及時回應：等不到連線、TLS 或回覆。",
        "{address} did not answer in time: the connection, its TLS or the answer did not come.",
    ),
    ASKED_AS_BEFORE,
    Label::new(
        "请检查防火墙是否放行、代理或隧道的 TLS 是否设好、它能否连到本机的接收地址，然后再检查一次。",
        "請檢查防火牆有否放行、代理伺服器或通道的 TLS 是否設好、它能否連接本機的接收地址，然後再檢查一次。",
        "Check that a firewall lets it through, that the proxy or tunnel speaks TLS there, and that it reaches the receiver's \
         address on this machine; then check again.",
    ),
);

pub(super) const OUTSIDE_REDIRECTED: Words = words(
    Severity::Warning,
    Label::new(
        "{address} 转到了别的网址，网关的通知不会跟过去。",
        "{address} 轉到其他網址，網關的通知不會跟隨。",
        "{address} leads on to another address, and gateways do not follow.",
    ),
    ASKED_AS_BEFORE,
    Label::new(
        "请把公网地址改成最终的网址，或让代理直接转发，不要跳转。",
        "請將對外網址改為最終網址，或讓代理伺服器直接轉發，不要轉址。",
        "Set the final address as the public one, or have the proxy pass requests on instead of redirecting them.",
    ),
);

pub(super) const OUTSIDE_REFUSED: Words = words(
    Severity::Warning,
    Label::new(
        "{address} 回答了错误 {status}，请求没有到达收银台。",
        "{address} 回應錯誤 {status}，請求沒有到達收銀台。",
        "{address} answered with error {status}; the request did not come in at this till.",
    ),
    ASKED_AS_BEFORE,
    Label::new(
        "请让代理把 /notify/、/pay/ 和 /dingdang/ 下的 GET 和 POST 请求都转发到本机的接收地址。502 到 504 表示代理连不上收银台。",
        "請讓代理伺服器將 /notify/、/pay/ 及 /dingdang/ 下的 GET 及 POST 請求全部轉發到本機的接收地址。502 至 504 表示代理伺服器無法連接收銀台。",
        "Have the proxy pass GET and POST requests under /notify/, /pay/ and /dingdang/ on to the receiver's address. 502 to 504: it does not reach this till.",
    ),
);

pub(super) const OUTSIDE_ANOTHER_ANSWERS: Words = words(
    Severity::Warning,
    Label::new(
        "{address} 有应答，但应答的不是这台收银台。",
        "{address} 有回應，但回應的並非這部收銀台。",
        "Something answers at {address}, but it is not this till.",
    ),
    ASKED_AS_BEFORE,
    Label::new(
        "请核对公网地址，并检查代理或隧道转发到哪台机器、哪个端口。",
        "請核對對外網址，並檢查代理伺服器或通道轉發到哪部機器、哪個連接埠。",
        "Check the public address, and to which machine and port the proxy or tunnel passes requests on.",
    ),
);

pub(super) const OUTSIDE_ANSWER_CHANGED: Words = words(
    Severity::Warning,
    Label::new(
        "请求经 {address} 到达了收银台，但应答没有原样送回。",
        "請求經 {address} 到達收銀台，但回應沒有原樣送回。",
        "The request came in through {address}, but the till's answer did not come back as it left.",
    ),
    Label::new(
        "款项不受影响：通知能收到，但网关可能看不到应答，会重复发送。",
        "款項不受影響：能收到通知，但網關可能看不到回應，會重複發送。",
        "Payments are safe: notifications come in, but a gateway may not see the answer and send them again.",
    ),
    Label::new(
        "请让代理或隧道原样送回应答，不要替换或改写内容。",
        "請讓代理伺服器或通道原樣送回回應，不要更換或改寫內容。",
        "Have the proxy or tunnel pass answers back unchanged, without pages of its own.",
    ),
);

pub(super) const TICKET_NOT_HAD: Words = words(
    Severity::Warning,
    Label::new(
        "没有从账户 {name} 的公众号 ticket 地址取得 ticket，香港微信钱包的付款页无法签名。",
        "未能從帳戶 {name} 的公眾號 ticket 網址取得 ticket，香港微信錢包的付款頁無法簽署。",
        "The ticket address of account {name} gave no ticket, so pages of the Hong Kong WeChat wallet cannot be signed.",
    ),
    Label::new(
        "款项不受影响：在这些页面上暂时不能付款，支付参数仍在收银台上。",
        "款項不受影響：在這些頁面上暫時不能付款，支付參數仍在收銀台上。",
        "Payments are safe: nobody can pay on these pages meanwhile, and the parameters are at the till as before.",
    ),
    Label::new(
        "请检查提供 ticket 的服务器和账户里的地址，然后检查账户。",
        "請檢查提供 ticket 的伺服器及帳戶內的網址，然後檢查帳戶。",
        "Check the server that gives the ticket and the address in the account, then check the account.",
    ),
);
