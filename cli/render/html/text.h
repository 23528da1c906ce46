// text.h — the smallest parts of an HTML page. Internal to render.
//
// Rule      Whatever comes out of a document passes through safe() or json_text(): a saved file may be hostile.
// Threads   Free functions without state: callable from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vtlab::render::html {

/// The text as content of an element, or of an attribute in double quotes.
std::string safe(std::string_view text);

/// <name attributes>content</name>. The content is HTML already; so are the attributes.
std::string element(std::string_view name, std::string_view content,
                    std::string_view attributes = {});

/// <name attributes>safe text</name>
std::string words(std::string_view name, std::string_view text, std::string_view attributes = {});

/// key="safe value"
std::string attribute(std::string_view key, std::string_view value);

/// A string of JSON with its quotes, which can stand inside of <script>.
std::string json_text(std::string_view text);

/// <ul> of texts; empty if there are none.
std::string bullet_list(const std::vector<std::string>& items);

/// Something that opens when it is asked for, by mouse or keyboard.
std::string fold(std::string_view summary, const std::string& content, bool open = false);

}  // namespace vtlab::render::html
