"""What mail servers say in other languages than English: that a letter came back, and why.

Exchange writes its reports in the language of whoever sent, or of the server (28 languages); Domino, Kerio, Postfix's
bounce templates and the mail services of China, Japan, Korea and Russia have their own. No native speaker has reviewed
these words. They speak only beside a mail system as the sender or an address with its code, see `rules.bounces`.
"""

from __future__ import annotations


def _patterns(*several: str) -> tuple[str, ...]:
    """`…` stands for some words of the same sentence; an address has points and ends none."""
    return tuple(one.replace("…", r"(?:[^.。\n]|\.\w){0,80}") for one in several)


#: How subjects begin or what stands in them.
SUBJECTS = _patterns(
    r"unzustellbar|nicht zustellbar|zustellung.{0,20}fehlgeschlagen|zustell(?:ungs)?fehler",
    r"non remis|non distribu|[ée]chec de (?:la )?(?:remise|distribution)",
    r"no se (?:puede|pudo|ha podido) entregar|no entregad|error (?:de|en la) entrega",
    r"non recapitabil|mancat[oa] (?:recapito|consegna)|recapito non riuscito|impossibile (?:consegnare|recapitare)",
    r"não entregue|não (?:é|foi) possível entregar|falha (?:na|de) entrega",
    r"onbestelbaar|niet bezorgd|gick inte att leverera|(?:kunde|kunne|kan) (?:inte|ikke) leveres?(?:ras)?|(?:o"
    r"|u)leverer?(?:ad|bar|at)",
    r"toimittamat|ei voi(?:tu|da) toimittaa|niedostarcz|nie (?:można|udało się) dostarczyć|nedoruč",
    r"kézbesíthetetlen|nem kézbesíthető|sikertelen kézbesítés|nelivrat|nu (?:se poate|a putut fi) livra",
    r"недоставлен|не доставлен|не уда(?:ет|ло)ся доставить|ошибка доставки|не вдалося доставити",
    r"недоставен|неподлежащ\w* на доставяне|ανεπίδοτ|αδυναμία παράδοσης|δεν είναι δυνατή η παράδοση",
    r"לא ניתן למס|לא נמסר|تعذر (?:ال)?تسليم|غير قابل للتسليم|فشل (?:ال)?تسليم|teslim edilem|iletilemedi",
    r"退信|退件|未(?:传递|傳遞)|(?:无法|未能?)(?:成功)?(?:投递|送达)|(?:投递|发信|发送)失败|無法傳遞|傳送失敗",
    r"配信(?:不能|できません)|送信できません|(?:메일|메시지).{0,10}반송|발송 ?실패|전달할 수 없"
    r"|배달.{0,6}(?:실패|되지)",
)

#: That it was not delivered.
FAILED = _patterns(
    r"konnten?\b… nicht (?:\S+ ){0,2}(?:zugestellt|ausgeliefert|übermittelt|zustellen|ausliefern)",
    r"nicht zugestellt (?:werden|an)|Fehler bei der (?:Nachrichten)?zustellung",
    r"n'a pas (?:pu être|été) (?:remis|distribu|délivr|transmis|livr)|n'a pas atteint|échec de la (?:remise"
    r"|distribution)",
    r"no (?:se )?(?:pudo|ha podido|puede) (?:ser )?entreg|no llegó a|error en la entrega",
    r"no se (?:ha entregado|puede localizar a)|(?:non ha raggiunto|impossibile raggiungere)\b…destinatari",
    r"non (?:è stato|può essere|è stato possibile) (?:recapitat|consegnat|consegnar|recapitar)|Recapito non riuscito",
    r"Impossibile (?:recapitare|consegnare)|não (?:pôde|foi) (?:ser )?(?:possível )?(?:entreg|contactar)",
    r"não chegou a|Falha na entrega|niet (?:worden )?(?:bezorgd|afgeleverd)|heeft\b… niet bereikt",
    r"kunde inte levereras|gick inte att leverera|levering mislykkedes|(?:kunne|kan) ikke leveres|ei voi(?:tu"
    r"|da) toimittaa|nie (?:można|udało się) dostarczyć",
    r"nem kézbesíthető|(?:nemohla?|nepodařilo se) (?:být )?doruč|nu a putut fi livrat",
    r"Не удалось выполнить доставку|не уда(?:ет|ло)ся доставить|не может быть доставлен|не было доставлен",
    r"не може бути доставлен|не вдалося доставити|Неуспешна доставка|не може да бъде доставен",
    r"Η παράδοση απέτυχε|δεν (?:ήταν|είναι) δυνατή η παράδοση|המסירה\b.{0,40} נכשלה|לא ניתן היה למסור",
    r"فشل (?:ال)?تسليم|تعذر (?:ال)?تسليم|teslim edilem|iletilemedi",
    r"(?:邮件|您的信).{0,12}(?:被退|退回)|未能向.{1,20}传递|未能成功投递|无法(?:发送|投递|送达)|发送失败|無法傳遞",
    r"送信できません|配信(?:でき|され)ません|전(?:달|송)(?:할 수 없|되지 (?:않|못))|배달(?:할 수 없|되지 않)",
)

#: RFC 3463 X.1.1: the address is unknown.
UNKNOWN = _patterns(
    r"(?:adresse|empfänger|benutzer|postfach|konto)\w*…(?:unbekannt|nicht (?:gefunden|bekannt|erkannt)"
    r"|existiert nicht|ungültig|nicht im \S+verzeichnis)",
    r"(?:adresse|destinataire|utilisateur|compte)\w*…(?:invalide|inconnu|introuvable|n'existe pas"
    r"|n'est pas reconnu|ne figure pas|n'a pas été trouvé)",
    r"(?:direcci[oó]n|destinatario|usuario|cuenta)…(?:desconocid|no existe|no se (?:ha )?enc?ontr|inexistente)",
    r"no (?:existe|se ha encontrado|se encontró|se encuentra) (?:la (?:direcci|cuenta)|el (?:usuario|destinatario"
    r"|buz))",
    r"(?:destinatario|utente|indirizzo|casella)…(?:sconosciut|inesistente|non (?:esiste|trovat|è stato trovat))"
    r"|impossibile trovare l'indirizzo",
    r"(?:endereço|conta|destinatário|utilizador|usuário)…(?:desconhecid|não (?:existe|encontrad|pôde ser enc"
    r"|foi (?:possível )?encontra))",
    r"(?:adres|ontvanger|gebruiker|account)…(?:onbekend|bestaat niet|niet (?:worden )?gevonden)",
    r"(?:mottagare|användare|adress|modtager|bruger|mottaker|bruker)\w*…(?:okänd|ukendt|ukjent"
    r"|finn?d?e?s (?:inte|ikke)|(?:kunde inte )?hittas|hittades inte|ble[vi]?e? ikke fun[dn]et)",
    r"(?:vastaanottaj|käyttäj|osoit)\w*…(?:tuntematon|ei löyt|ei ole olemassa)",
    r"(?:adres|odbiorc|użytkownik|skrzynk)\w*…(?:nieznan|nie (?:istnieje|można odnaleźć|znaleziono))",
    r"(?:uživatel|schránk|adres|příjemc)\w*…(?:neznám|neexistuje|nebyl\w* nalezen)",
    r"ismeretlen (?:felhasználó|címzett)|(?:felhasználó|címzett|postafiók|cím)\w*…nem (?:létezik|található)",
    r"(?:utilizator|adres|destinatar)\w*…(?:necunoscut|nu există|inexistent|nu a fost găsit)",
    r"(?:пользовател|получател|адрес|ящик|користувач|одержувач|потребител)\w*…(?:не (?:найден|существует"
    r"|знайден|існує|съществува|може да бъде намерен)|неизвест|невідом)",
    r"(?:неизвестн|невідом|непознат)\w* (?:пользовател|получател|користувач|потребител)|не удалось найти…адрес",
    r"(?:διεύθυνση|παραλήπτη|χρήστη)…(?:δεν (?:βρέθηκε|υπάρχει)|άγνωστ)|άγνωστος (?:χρήστης|παραλήπτης)",
    r"(?:כתובת|הנמען|המשתמש)…(?:לא נמצא|אינ[וה] קיי|לא קיי)",
    r"العثور على…(?:عنوان|المستلم|المستخدم)|(?:العنوان|المستخدم|المستلم)…غير (?:موجود|معروف)",
    r"(?:adres|alıcı|kullanıcı)\w*…(?:bulunamadı|bilinm|mevcut değil)",
    r"(?:用户|用戶|地址|收件人|邮箱|帐号|账号)…(?:不存在|找不到|未找到|无效)|找不到.{0,20}(?:地址|用户|收件人)",
    r"(?:ユーザ|宛先|あて先|アドレス)…(?:存在しません|不明|見つかりません)|존재하지 않는 (?:사용자|주소|메일)",
)

#: RFC 3463 X.1.2: its domain is.
NO_DOMAIN = _patterns(
    r"(?:Domain?e?|hôte)\b…(?:nicht gefunden|existiert nicht|unbekannt|introuvable|n'existe pas|inconnu)",
    r"dom[ií]nio…(?:no existe|desconocid|inesistente|non esiste|não existe|não encontrad)",
    r"домен\w*…(?:не (?:найден|существует|існує|съществува)|неизвест)",
    r"域名…(?:不存在|无效)|ドメイン…(?:存在しません|見つかりません)",
)

#: RFC 3463 X.2.2: the box is full.
FULL = _patterns(
    r"caixa.{0,40}(?:cheia|lotada)|(?:postvak|mailbox).{0,20}\bvol\b|skrzynk\w*.{0,40}(?:pełn|przepełnion)",
    r"schránk\w*.{0,20}(?:plná|přeplněn)|postafiók.{0,30}megtelt|kutusu.{0,20}dolu|kota\w*.{0,20}aş",
    r"скриньк\w*.{0,30}переповнен|кути\w*.{0,30}пълна|התיבה.{0,20}מלאה|תיבת הדואר.{0,30}מלאה|البريد.{0,30}ممتلئ",
    r"空间不足|(?:邮箱|信箱|容量)已?满|容量.{0,10}(?:超過|オーバー)|メールボックス.{0,20}いっぱい|용량.{0,6}초과",
)

#: RFC 3463 X.2.3, X.3.4: the letter is too large.
SIZE = _patterns(
    r"zu groß|Größe…überschr|taille…(?:dépass|maxim)|tamaño…(?:m[aá]xim|exced|super)",
    r"dimension[ei]…(?:massim|superat)|tamanho…(?:m[aá]xim|exced)|размер…превыша",
    r"(?:邮件|附件)过大|サイズ…超",
)

#: RFC 3463 X.7.1: taken for spam.
SPAM = _patterns(
    r"unerwünschte (?:werbung|nachricht|mail)|(?:message|courrier|courriel)s? indésirable|no (?:deseado|solicitado)",
    r"posta indesiderata|não solicitad|спам|нежелательн\w* (?:почт|сообщени|письм)|垃圾邮件|迷惑メール",
)

#: RFC 3464 2.3.3 "delayed": they go on trying.
DELAYED = _patterns(
    r"verzögert|retardée?|différée?\b|retrasad|con retraso|in ritardo|ritardat|atrasad|vertraagd|försena|forsinke",
    r"opóźnion|zpožděn|késik|întârziat|задерж|отложен|延迟|遅延|지연",
)
